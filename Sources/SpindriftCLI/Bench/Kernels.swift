import DriftRuntime
import Foundation

/// The kernels that a command runs with.
enum Kernels {
  /// What SPINDRIFT_KERNEL may be.
  static var names: String { KernelSet.Kind.allCases.map { "\($0.name)" }.joined(separator: ", ") }

  /// Those of `--kernel`, those that SPINDRIFT_KERNEL names, or the fastest.
  /// - Throws: `CommandError` for a name of none that this CPU has.
  static func chosen(_ option: String? = nil) throws(CommandError) -> KernelSet {
    if let option {
      guard let kernels = option.withCString({ KernelSet(named: $0) }) else {
        throw CommandError("--kernel \(option): this CPU has no such kernels; known names are \(names)")
      }
      return kernels
    }
    guard let kernels = KernelSet.fromEnvironment() else {
      let name = ProcessInfo.processInfo.environment["SPINDRIFT_KERNEL"] ?? ""
      throw CommandError("SPINDRIFT_KERNEL=\(name): this CPU has no such kernels; known names are \(names)")
    }
    return kernels
  }
}

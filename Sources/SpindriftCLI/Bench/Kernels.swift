import DriftRuntime
import Foundation

/// The kernels that a command runs with.
enum Kernels {
  /// Those that SPINDRIFT_KERNEL names, or the fastest.
  /// - Throws: `CommandError` if it names none that this CPU has.
  static func chosen() throws(CommandError) -> KernelSet {
    guard let kernels = KernelSet.fromEnvironment() else {
      let name = ProcessInfo.processInfo.environment["SPINDRIFT_KERNEL"] ?? ""
      throw CommandError("SPINDRIFT_KERNEL=\(name): this CPU has no such kernels; known names are scalar, avx2, neon and dotprod")
    }
    return kernels
  }
}

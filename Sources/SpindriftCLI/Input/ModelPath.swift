import DriftEvaluation
import Foundation

/// MODEL of a command line: a `.drift` file, or a checkpoint for the float reference.
enum ModelPath {
  private static let magic: [UInt8] = [0x89, 0x44, 0x52, 0x49, 0x46, 0x54]

  /// Whether a path names a `.drift` file: by its first bytes, or by its name where it is too short or too broken to have them.
  static func isModelFile(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return path.hasSuffix(".drift") }
    guard !isFolder.boolValue else { return false }
    let head = FileHandle(forReadingAtPath: path).flatMap { try? $0.read(upToCount: magic.count) } ?? Data()
    return head.elementsEqual(magic) || path.hasSuffix(".drift")
  }

  /// Opens MODEL of `run` and `eval`.
  /// - Parameter threads: of a `.drift` file; the float reference uses one.
  static func open(_ path: String, sampler: SamplerOptions, threads: Int) throws -> any PictureSource {
    guard isModelFile(path) else {
      let checkpoint = try sampler.loadCheckpoint(path)
      return try FloatSource(checkpoint, plan: sampler.plan(for: checkpoint), clippedEpsilon: sampler.clippedEpsilon)
    }
    if let option = sampler.firstGiven {
      throw CommandError("\(option): a .drift file has its sampler inside; the option applies to checkpoints")
    }
    return try IntegerSource(ModelFile(path: path), threads: threads, kernels: Kernels.chosen())
  }
}

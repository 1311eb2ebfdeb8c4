import DriftEvaluation
import DriftGraph
import DriftImport
import Foundation

/// MODEL of a command line: a `.drift` file, or a checkpoint (a folder, or a single file of tensors) for the float reference.
enum ModelPath {
  /// Opens MODEL of `run` and `eval`.
  /// - Parameters:
  ///   - threads: of a `.drift` file's session; the float reference uses one.
  ///   - kernel: which kernels a `.drift` file's session uses.
  /// - Throws: `CommandError` for options that do not apply to the kind of model, `ModelFileError`, `ImportError`.
  static func open(
    _ path: String, sampler: SamplerOptions, threads: Int, kernel: String? = nil
  ) throws -> any PictureSource {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    guard exists, isFolder.boolValue || Checkpoint.isSingleFile(path) else {
      if let option = sampler.firstGiven {
        throw CommandError("\(option): a .drift file has its sampler inside; the option applies to checkpoints")
      }
      return try IntegerSource(ModelFile(path: path), threads: threads, kernels: Kernels.chosen(kernel))
    }
    guard threads == 1 else {
      throw CommandError("--threads \(threads): the float reference of a checkpoint uses one thread; leave the option out")
    }
    if let kernel {
      throw CommandError("--kernel \(kernel): the float reference of a checkpoint has no kernels to choose from; leave it out")
    }
    let checkpoint = try sampler.loadCheckpoint(path)
    return try FloatSource(checkpoint, plan: sampler.plan(for: checkpoint), clippedEpsilon: sampler.clippedEpsilon)
  }
}

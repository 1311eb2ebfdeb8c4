import DriftEvaluation
import DriftFormat
import DriftGraph
import DriftImport
import Foundation

/// MODEL of a command line: a `.drift` file, or a checkpoint (a folder, or a single file of tensors) for the float reference.
enum ModelPath {
  /// Opens MODEL of `run` and `eval`.
  /// - Parameters:
  ///   - threads: of a `.drift` file's session; the float reference uses one.
  ///   - kernel: which kernels a `.drift` file's session uses.
  ///   - spiking: how a spiking program runs.
  /// - Throws: `CommandError` for options that do not apply to the kind of model, `ModelFileError`, `ImportError`.
  static func open(
    _ path: String, sampler: SamplerOptions, threads: Int, kernel: String? = nil, spiking: SpikingRunOptions? = nil
  ) throws -> any PictureSource {
    guard isCheckpoint(path) else {
      try refuse(sampler.firstGiven)
      let (model, kernels) = (try ModelFile(path: path), try Kernels.chosen(kernel))
      return try IntegerSource(
        model, threads: threads, kernels: kernels, spiking: try spiking?.options(for: model, kernels: kernels))
    }
    guard threads == 1 else {
      throw CommandError("--threads \(threads): the float reference of a checkpoint uses one thread; leave the option out")
    }
    if let option = spiking?.firstGiven {
      throw CommandError("\(option): the float reference of a checkpoint sends no events; leave the option out")
    }
    if let kernel {
      throw CommandError("--kernel \(kernel): the float reference of a checkpoint has no kernels to choose from; leave it out")
    }
    let checkpoint = try sampler.checkpoint.load(path)
    return try FloatSource(checkpoint, plan: sampler.plan(for: checkpoint), clippedEpsilon: sampler.clippedEpsilon)
  }

  /// Whether a path means a checkpoint: a folder, or what is named like a file of tensors or an ONNX model and does not begin as a
  /// `.drift` file does.
  static func isCheckpoint(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue { return true }
    return Checkpoint.isSingleFile(path) && !beginsAsFile(path)
  }

  /// Refuses an option that is for checkpoints.
  static func refuse(_ option: String?) throws(CommandError) {
    guard let option else { return }
    throw CommandError("\(option): a .drift file has this inside; the option applies to checkpoints")
  }

  /// Whether a file has the eight bytes in front that every `.drift` file has (docs/format.md).
  private static func beginsAsFile(_ path: String) -> Bool {
    guard let handle = FileHandle(forReadingAtPath: path) else { return false }
    defer { try? handle.close() }
    return (try? handle.read(upToCount: 8)) == withUnsafeBytes(of: FormatLimits.magic.littleEndian) { Data($0) }
  }
}

import DriftGraph
import Foundation

extension Checkpoint {
  /// Reads a trained model.
  /// - Parameters:
  ///   - path: an ONNX model or a folder with model.onnx; a diffusers pipeline folder (`model_index.json`, `unet/`, `scheduler/`) or the folder
  ///     of a denoiser alone; a single file of tensors (.pt, .pth, .bin, .ckpt, .safetensors) of a network that is rebuilt from its keys.
  ///   - nullClass: the class label that means "no class", instead of the checkpoint's.
  ///   - scheduleFile: a schedule.json whose noise schedule replaces the checkpoint's. Without it a schedule.json in the folder is read: for
  ///     what pictures and classes mean, and for the noise schedule if there is no scheduler_config.json.
  ///   - shapes: shapes of the inputs that an ONNX model leaves open, by name.
  ///   - architecture: what a single file's tensors cannot tell.
  ///   - options: what a diffusers configuration leaves open; schedule.json fills in what they leave open in turn.
  ///   - inputs: values of inputs beside the sample, timestep and class, such as a text encoder's answers: an array
  ///     holds one value, or one for each prompt on an axis in front, and several prompts become the classes of a model that has none of its own.
  ///     Tokens are [tokens, width], vectors [width], pictures [channels, height, width]; `context` means the only input, or
  ///     `encoder_hidden_states`.
  public static func load(
    path: String, nullClass: Int? = nil, scheduleFile: String? = nil, shapes: [String: [Int]] = [:],
    architecture: ArchitectureOptions? = nil, options: DiffusersOptions = DiffusersOptions(), inputs: [String: NPYArray] = [:]
  ) throws(ImportError) -> Checkpoint {
    let model = try ImportedModel.load(
      path: path, nullClass: nullClass, scheduleFile: scheduleFile, shapes: shapes, architecture: architecture, options: options,
      inputs: inputs, needsSchedule: true)
    return try model.checkpoint()
  }
}

extension ImportedModel {
  /// Reads a trained model, as `Checkpoint.load` does, which says what the parameters mean.
  /// - Parameter needsSchedule: whether a model without a noise schedule is refused, before its weights are read.
  public static func load(
    path: String, nullClass: Int? = nil, scheduleFile: String? = nil, shapes: [String: [Int]] = [:],
    architecture: ArchitectureOptions? = nil, options: DiffusersOptions = DiffusersOptions(), inputs: [String: NPYArray] = [:],
    needsSchedule: Bool = false
  ) throws(ImportError) -> ImportedModel {
    var model = try read(
      path: path, nullClass: nullClass, scheduleFile: scheduleFile, shapes: shapes, architecture: architecture,
      options: options.completed(by: inputs), needsSchedule: needsSchedule)
    model.graph = try model.graph.binding(inputs: inputs, of: model.description)
    // Only now: prompts become the classes of a model that has none.
    try model.checkNullClass(path)
    return model
  }

  private static func read(
    path: String, nullClass: Int?, scheduleFile: String?, shapes: [String: [Int]], architecture: ArchitectureOptions?,
    options: DiffusersOptions, needsSchedule: Bool
  ) throws(ImportError) -> ImportedModel {
    if FileBytes.isFile(path), ArchiveFile.isNamed(path) {
      guard shapes.isEmpty else {
        throw ImportError(path, "holds tensors, whose inputs have no names; give the sample's shape alone, as in --shape 3x32x32")
      }
      let architecture = if let architecture { architecture } else { try ArchitectureOptions() }
      return try load(
        file: path, nullClass: nullClass, scheduleFile: scheduleFile, architecture: architecture, needsSchedule: needsSchedule)
    }
    if let option = architecture?.named.first?.option {
      throw ImportError(
        path, "has no spiking neurons; \(option) is for the checkpoints of SDDPM and SDM, single files of tensors; leave it out")
    }
    if architecture?.isEmpty == false {
      throw ImportError(
        path,
        "says itself how its network is made; --architecture, --architecture-option and --shape without a name are for single files of tensors"
      )
    }
    if let model = onnxFile(path) {
      return try ONNXCheckpoint.load(
        model,
        ONNXCheckpoint.Options(
          nullClass: nullClass, scheduleFile: scheduleFile, shapes: shapes, needsSchedule: needsSchedule))
    }
    guard shapes.isEmpty else {
      throw ImportError(path, "says itself what its inputs are called; --shape NAME=... is for ONNX models")
    }
    return try load(
      folder: path, nullClass: nullClass, scheduleFile: scheduleFile, options: options, needsSchedule: needsSchedule)
  }

  /// The ONNX model that a path means: the file, or model.onnx in a folder that is no diffusers folder.
  private static func onnxFile(_ path: String) -> String? {
    if path.hasSuffix(".onnx") { return path }
    let files = FileManager.default
    guard !files.fileExists(atPath: "\(path)/config.json"), !files.fileExists(atPath: "\(path)/model_index.json"),
      !files.fileExists(atPath: "\(path)/unet/config.json"), !files.fileExists(atPath: "\(path)/transformer/config.json"),
      files.fileExists(atPath: "\(path)/model.onnx")
    else { return nil }
    return "\(path)/model.onnx"
  }
}

import DriftGraph
import Foundation

extension Checkpoint {
  /// Reads a trained model.
  /// - Parameters:
  ///   - path: an ONNX model or a folder with model.onnx; a diffusers pipeline folder (`model_index.json`, `unet/`, `scheduler/`) or the folder
  ///     of a denoiser alone; a single file of tensors (.pt, .pth, .bin, .ckpt, .safetensors) of a network that is rebuilt from its keys.
  ///   - nullClass: the class label that means "no class", where the checkpoint does not say it.
  ///   - scheduleFile: a schedule.json whose noise schedule replaces the checkpoint's. Without it a schedule.json in the folder is read: for
  ///     what pictures and classes mean, and for the noise schedule if there is no scheduler_config.json.
  ///   - shapes: shapes of the inputs that an ONNX model leaves open, by name.
  ///   - architecture: what a single file's tensors cannot tell.
  ///   - options: what a diffusers configuration leaves open; schedule.json fills in what they leave open in turn.
  public static func load(
    path: String, nullClass: Int? = nil, scheduleFile: String? = nil, shapes: [String: [Int]] = [:],
    architecture: ArchitectureOptions? = nil, options: DiffusersOptions = DiffusersOptions()
  ) throws(ImportError) -> Checkpoint {
    if FileBytes.isFile(path), ArchiveFile.isNamed(path) {
      guard shapes.isEmpty else {
        throw ImportError(path, "holds tensors, whose inputs have no names; give the sample's shape alone, as in --shape 3x32x32")
      }
      let architecture = if let architecture { architecture } else { try ArchitectureOptions() }
      return try load(file: path, nullClass: nullClass, scheduleFile: scheduleFile, architecture: architecture)
    }
    if architecture?.isEmpty == false {
      throw ImportError(
        path,
        "says itself how its network is made; --architecture, --architecture-option and --shape without a name are for single files of tensors"
      )
    }
    if let model = onnxFile(path) {
      return try ONNXCheckpoint.load(
        model, ONNXCheckpoint.Options(nullClass: nullClass, scheduleFile: scheduleFile, shapes: shapes))
    }
    let folder = try DiffusersFolder(path)
    let model = try DiffusersModel(configFile: folder.configFile)
    let facts = if let file = scheduleFile ?? folder.scheduleFile { try ScheduleFile(file) } else { ScheduleFile?.none }

    let schedule: NoiseSchedule
    if let facts, scheduleFile != nil || folder.schedulerFile == nil {
      schedule = try facts.noiseSchedule()
    } else if let file = folder.schedulerFile {
      schedule = try NoiseSchedule(schedulerFile: file)
    } else {
      throw ImportError(path, "has no noise schedule (scheduler/scheduler_config.json); give one with --schedule FILE.json")
    }

    let weights = try TensorFiles.open(folder.weightsFile)
    let graph = try DiffusersModel.graph(configFile: folder.configFile, source: weights, options: options.completed(by: facts))
    let nullClass = nullClass ?? facts?.nullClass
    if let nullClass, !(0..<graph.classCount).contains(nullClass) {
      throw ImportError(
        path,
        "the null class is \(nullClass), but the model has \(graph.classCount == 0 ? "no classes" : "classes 0 to \(graph.classCount - 1)")"
      )
    }
    let parameters = graph.parameters.values.reduce(0) { $0 + $1.values.count }
    return Checkpoint(
      graph: graph, schedule: schedule, nullClass: nullClass, dataRange: facts?.dataRange ?? -1...1,
      description: "\(URL(fileURLWithPath: path).lastPathComponent): \(model.rawValue) of \(parameters) parameters")
  }

  /// The ONNX model that a path means: the file, or model.onnx in a folder that is no diffusers folder.
  private static func onnxFile(_ path: String) -> String? {
    if path.hasSuffix(".onnx") { return path }
    let files = FileManager.default
    guard !files.fileExists(atPath: "\(path)/config.json"), !files.fileExists(atPath: "\(path)/model_index.json"),
      !files.fileExists(atPath: "\(path)/unet/config.json"), files.fileExists(atPath: "\(path)/model.onnx")
    else { return nil }
    return "\(path)/model.onnx"
  }
}

import DriftGraph
import Foundation

extension Checkpoint {
  /// Reads a trained model.
  /// - Parameters:
  ///   - path: a diffusers pipeline folder (`model_index.json`, `unet/`, `scheduler/`) or the folder of a denoiser alone.
  ///   - nullClass: the class label that means "no class", where the checkpoint does not say it.
  ///   - scheduleFile: a schedule.json whose noise schedule replaces the checkpoint's. Without it a schedule.json in the folder is read: for
  ///     what pictures and classes mean, and for the noise schedule if there is no scheduler_config.json.
  ///   - options: what the configuration leaves open; schedule.json fills in what they leave open in turn.
  public static func load(
    path: String, nullClass: Int? = nil, scheduleFile: String? = nil, options: DiffusersOptions = DiffusersOptions()
  ) throws(ImportError) -> Checkpoint {
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

    let weights = try SafetensorsFile(folder.weightsFile)
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
}

import DriftGraph
import Foundation

extension Checkpoint {
  /// Reads the folder of a diffusers pipeline or denoiser. With a decoder of latents, the checkpoint's samples are latents, and pictures lie in
  /// -1 to 1 unless schedule.json says otherwise.
  static func load(
    folder path: String, nullClass: Int?, scheduleFile: String?, options: DiffusersOptions
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

    let weights = try ArchiveFile.open(folder.weightsFile)
    let graph = try DiffusersModel.graph(configFile: folder.configFile, source: weights, options: options.completed(by: facts))
    let decoder = try folder.decoder.map { files throws(ImportError) in
      try DiffusersDecoder.graph(
        configFile: files.configFile, source: try ArchiveFile.open(files.weightsFile),
        latent: graph.sampleShape ?? Shape(channels: 1))
    }
    let nullClass = nullClass ?? facts?.nullClass ?? TransformerBuilder.nullClass(of: graph)
    if let nullClass, !(0..<graph.classCount).contains(nullClass) {
      throw ImportError(
        path,
        "the null class is \(nullClass), but the model has \(graph.classCount == 0 ? "no classes" : "classes 0 to \(graph.classCount - 1)")"
      )
    }
    let parameters = graph.parameters.values.reduce(0) { $0 + $1.values.count }
    return Checkpoint(
      graph: graph, decoder: decoder, schedule: schedule, nullClass: nullClass, dataRange: facts?.dataRange ?? -1...1,
      description: "\(URL(fileURLWithPath: path).lastPathComponent): \(model.rawValue) of \(parameters) parameters")
  }
}

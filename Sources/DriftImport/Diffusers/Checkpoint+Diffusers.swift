import DriftGraph
import Foundation

extension ImportedModel {
  /// Reads the folder of a diffusers pipeline or denoiser. With a decoder of latents, the checkpoint's samples are latents, and pictures lie in
  /// -1 to 1 unless schedule.json says otherwise.
  static func load(
    folder path: String, nullClass: Int?, scheduleFile: String?, options: DiffusersOptions, needsSchedule: Bool
  ) throws(ImportError) -> ImportedModel {
    let folder = try DiffusersFolder(path)
    let model = try DiffusersModel(configFile: folder.configFile)
    let facts = if let file = scheduleFile ?? folder.scheduleFile { try ScheduleFile(file) } else { ScheduleFile?.none }

    let schedule: Result<NoiseSchedule, ImportError>
    if let facts, scheduleFile != nil || folder.schedulerFile == nil {
      schedule = .success(try facts.noiseSchedule())
    } else if let file = folder.schedulerFile {
      schedule = .success(try NoiseSchedule(schedulerFile: file))
    } else {
      let missing = ImportError(
        path, "has no noise schedule (scheduler/scheduler_config.json); give one with --schedule FILE.json")
      guard !needsSchedule else { throw missing }
      schedule = .failure(missing)
    }

    let weights = try ArchiveFile.open(folder.weightsFile)
    let graph = try DiffusersModel.graph(configFile: folder.configFile, source: weights, options: options.completed(by: facts))
    let decoder = try folder.decoder.map { files throws(ImportError) in
      try DiffusersDecoder.graph(
        configFile: files.configFile, source: try ArchiveFile.open(files.weightsFile),
        latent: graph.sampleShape ?? Shape(channels: 1))
    }
    return ImportedModel(
      form: .diffusers(className: model.rawValue), graph: graph, decoder: decoder, schedule: schedule,
      nullClass: nullClass ?? facts?.nullClass ?? TransformerBuilder.nullClass(of: graph), dataRange: facts?.dataRange ?? -1...1,
      description: "\(URL(fileURLWithPath: path).lastPathComponent): \(model.rawValue) of \(graph.parameterCount) parameters")
  }
}

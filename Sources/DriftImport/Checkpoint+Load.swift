import DriftGraph
import Foundation

extension Checkpoint {
  /// Reads a trained model.
  /// - Parameters:
  ///   - path: a diffusers pipeline folder (`model_index.json`, `unet/`, `scheduler/`) or the folder of a `UNet2DModel` alone.
  ///   - nullClass: the class label that means "no class", where the checkpoint does not say it.
  ///   - scheduleFile: a schedule.json whose noise schedule replaces the checkpoint's. Without it a schedule.json in the folder is read: for
  ///     what pictures and classes mean, and for the noise schedule if there is no scheduler_config.json.
  public static func load(path: String, nullClass: Int? = nil, scheduleFile: String? = nil) throws(ImportError) -> Checkpoint {
    let folder = try DiffusersFolder(path)
    let configuration = try UNet2DConfiguration(file: folder.configFile)
    let facts = if let file = scheduleFile ?? folder.scheduleFile { try ScheduleFile(file) } else { ScheduleFile?.none }

    let schedule: NoiseSchedule
    if let facts, scheduleFile != nil || folder.schedulerFile == nil {
      schedule = try facts.noiseSchedule()
    } else if let file = folder.schedulerFile {
      schedule = try NoiseSchedule(schedulerFile: file)
    } else {
      throw ImportError(path, "has no noise schedule (scheduler/scheduler_config.json); give one with --schedule FILE.json")
    }

    let size = try sampleSize(configuration, facts)
    let nullClass = nullClass ?? facts?.nullClass
    let classCount = try classCount(configuration, facts)
    if let nullClass, !(0..<classCount).contains(nullClass) {
      throw ImportError(
        path,
        "the null class is \(nullClass), but the model has \(classCount == 0 ? "no classes" : "classes 0 to \(classCount - 1)")")
    }
    let weights = try TensorFiles.open(folder.weightsFile)
    let graph = try UNet2DBuilder.graph(configuration, weights, sampleSize: size, classCount: classCount)
    let parameters = graph.parameters.values.reduce(0) { $0 + $1.values.count }
    return Checkpoint(
      graph: graph, schedule: schedule, nullClass: nullClass, dataRange: facts?.dataRange ?? -1...1,
      description: "\(URL(fileURLWithPath: path).lastPathComponent): UNet2DModel of \(parameters) parameters")
  }

  private static func sampleSize(
    _ configuration: UNet2DConfiguration, _ facts: ScheduleFile?
  ) throws(ImportError) -> (height: Int, width: Int) {
    if let shape = facts?.sampleShape {
      if let size = configuration.sampleSize, size != (shape.height, shape.width) {
        throw ImportError(
          configuration.path,
          "'sample_size' is \(size.height)x\(size.width), but schedule.json's sample_shape says \(shape.height)x\(shape.width)")
      }
      guard shape.channels == configuration.channels else {
        throw ImportError(
          configuration.path, "'in_channels' is \(configuration.channels), but schedule.json's sample_shape says \(shape.channels)")
      }
      return (shape.height, shape.width)
    }
    guard let size = configuration.sampleSize else {
      throw ImportError(configuration.path, "'sample_size' is missing; give sample_shape in a schedule.json")
    }
    return size
  }

  /// Labels that the model takes, "no class" included; 0 if none.
  private static func classCount(_ configuration: UNet2DConfiguration, _ facts: ScheduleFile?) throws(ImportError) -> Int {
    switch configuration.classEmbedding {
    case nil: return 0
    case .table(let rows): return rows
    case .timestep, .identity:
      if let count = configuration.labelCount { return count }
      guard let classes = facts?.classes, classes > 0 else {
        throw ImportError(
          configuration.path,
          "'class_embed_type' takes labels without end; say how many there are: num_class_embeds, or num_classes in a schedule.json"
        )
      }
      return max(classes, (facts?.nullClass ?? -1) + 1)
    }
  }
}

import DriftGraph
import Foundation

extension Checkpoint {
  /// Whether a path ends as files do that `load` reads by themselves: .onnx, .pt, .pth, .bin, .ckpt, .safetensors.
  public static func isSingleFile(_ path: String) -> Bool { path.hasSuffix(".onnx") || ArchiveFile.isNamed(path) }
}

extension ImportedModel {
  /// Reads a network of a known family from a single file of tensors.
  static func load(
    file path: String, nullClass: Int?, scheduleFile: String?, architecture: ArchitectureOptions, needsSchedule: Bool
  ) throws(ImportError) -> ImportedModel {
    let file = try ArchiveFile.open(path), converted = ConvertedTensors(file)
    let source: any TensorSource = if let converted { converted } else { file }
    let match = try FamilyMatch.choose(source, name: architecture.name)
    let beside = URL(fileURLWithPath: path).deletingLastPathComponent().appendingPathComponent("schedule.json").path
    let factsFile = scheduleFile ?? (FileManager.default.fileExists(atPath: beside) ? beside : nil)
    let facts: ScheduleFile? = if let factsFile { try ScheduleFile(factsFile) } else { nil }

    var settings = FamilySettings(match.family, architecture)
    let (size, channels) = try sampleSize(match, architecture, facts)
    let network = try match.network(&settings, size: size, channels: channels)
    var notes = [network.summary]
    if converted != nil { notes.append("converted to spikes by SDM; read as the network of quantized ReLU that it was before") }
    if let dict = file as? StateDict { notes.append("the weights are \(dict.chosen)") }
    let schedule: Result<NoiseSchedule, ImportError> =
      if let facts { .success(try facts.noiseSchedule()) } else { try match.schedule(source, &notes) }
    if needsSchedule { _ = try schedule.get() }
    try settings.refuseOthers()

    if !settings.assumptions.isEmpty {
      notes.append("not in the file, so assumed: \(settings.assumptions.joined(separator: ", ")) (--architecture-option)")
    }
    return ImportedModel(
      form: .tensors(family: match.family.rawValue), graph: network.graph, decoder: network.decoder, schedule: schedule,
      nullClass: nullClass ?? facts?.nullClass, dataRange: facts?.dataRange ?? -1...1,
      description:
        "\(URL(fileURLWithPath: path).lastPathComponent): \(match.family.rawValue) of \(match.view.parameterCount) parameters",
      remarks: notes)
  }

  /// Height and width of the sample, which no tensor tells, and the channels if they were given.
  private static func sampleSize(
    _ match: FamilyMatch, _ architecture: ArchitectureOptions, _ facts: ScheduleFile?
  ) throws(ImportError) -> ((height: Int, width: Int), channels: Int?) {
    if let shape = architecture.sampleShape {
      return ((shape[shape.count - 2], shape[shape.count - 1]), shape.count == 3 ? shape[0] : nil)
    }
    if match.family == .diffusers, facts?.sampleShape == nil, let size = try match.configuration().sampleSize { return (size, nil) }
    guard let shape = facts?.sampleShape else {
      throw ImportError(
        match.view.path,
        "does not say how large its pictures are; give --shape CxHxW, such as 3x32x32, or sample_shape in a schedule.json")
    }
    return ((shape.height, shape.width), shape.channels)
  }
}

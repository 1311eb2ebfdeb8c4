import DriftGraph
import DriftONNX
import Foundation

/// A denoiser that was exported to ONNX, with the schedule.json that says what the file does not.
enum ONNXCheckpoint {
  /// What the command line adds.
  struct Options {
    /// Class label that means "no class".
    var nullClass: Int?
    /// The schedule file; nil: schedule.json beside the model.
    var scheduleFile: String?
    /// Shapes of inputs that the model leaves open.
    var shapes: [String: [Int]] = [:]
    /// Refuses a model without a schedule file.
    var needsSchedule = true
  }

  /// Reads a model and its schedule.
  /// - Parameter path: of the `.onnx` file.
  static func load(_ path: String, _ options: Options) throws(ImportError) -> ImportedModel {
    let model = try opened(path)
    let scheduleFile = try scheduleFile(path, options)
    let facts = try scheduleFile.map { file throws(ImportError) in try ScheduleFile(file) }
    let roles = try roles(of: model, facts)
    var shapes = options.shapes
    if shapes[roles.sample] == nil, let shape = facts?.sampleShape, isOpen(model, roles.sample) {
      shapes[roles.sample] = [1, shape.channels, shape.height, shape.width]
    }
    let folded: FoldedGraph
    do { folded = try FoldedGraph(model, shapes: shapes) } catch { throw ImportError(error.path, error.problem) }
    for input in roles.known.sorted() {
      guard let shape = folded.tensors[input]?.shape, shape.reduce(1, *) > largestStepInput else { continue }
      throw ImportError(path, "input '\(input)' of shape \(shape) takes more than one number a sample; a timestep or class is one")
    }
    let classes = try classCount(roles, facts, options, path)
    let source = TranslationSource(folded, roles: roles), answer = try output(of: model, facts)
    var translator = Translator(source, classCount: classes)
    let graph = try translator.translate(sample: roles.sample, output: answer)
    if let expected = facts?.sampleShape, let found = graph.sampleShape, found != expected {
      throw ImportError(path, "takes samples of \(found), but schedule.json's sample_shape says \(expected)")
    }
    let schedule: Result<NoiseSchedule, ImportError> =
      if let facts { .success(try facts.noiseSchedule()) } else { .failure(missingSchedule(path)) }
    return ImportedModel(
      form: .onnx(opset: model.opset), graph: graph, schedule: schedule, nullClass: options.nullClass ?? facts?.nullClass,
      dataRange: facts?.dataRange ?? -1...1,
      description:
        "\(URL(fileURLWithPath: path).lastPathComponent): ONNX opset \(model.opset) of \(graph.parameterCount) parameters",
      ports: ImportedModel.Ports(sample: roles.sample, timestep: roles.timestep, classLabel: roles.classLabel),
      patterns: source.patterns(for: answer))
  }

  /// Values of a timestep that is repeated, as some networks take one for each token.
  private static let largestStepInput = 1 << 16

  private static func opened(_ path: String) throws(ImportError) -> ONNXModel {
    do { return try ONNXModel(path: path) } catch { throw ImportError(error.path, error.problem) }
  }

  /// The schedule file that was given or lies beside the model; nil: there is none.
  private static func scheduleFile(_ path: String, _ options: Options) throws(ImportError) -> String? {
    if let file = options.scheduleFile { return file }
    let beside = URL(fileURLWithPath: path).deletingLastPathComponent().appendingPathComponent("schedule.json").path
    if FileManager.default.fileExists(atPath: beside) { return beside }
    guard !options.needsSchedule else { throw missingSchedule(path) }
    return nil
  }

  private static func missingSchedule(_ path: String) -> ImportError {
    ImportError(path, "holds no noise schedule, and no schedule.json lies beside it; give one with --schedule FILE.json")
  }

  private static func isOpen(_ model: ONNXModel, _ input: String) -> Bool {
    guard let port = model.inputs.first(where: { $0.name == input }) else { return false }
    return port.dimensions.map { $0.dropFirst().contains { if case .symbolic = $0 { true } else { false } } } ?? true
  }

  /// Which inputs are the sample, the timestep and the class: as the schedule says, else by their form and common names.
  private static func roles(of model: ONNXModel, _ facts: ScheduleFile?) throws(ImportError) -> TranslationSource.Roles {
    let names = model.inputs.map(\.name)
    func checked(_ name: String?, _ role: String) throws(ImportError) -> String? {
      guard let name else { return nil }
      guard names.contains(name) else {
        throw ImportError(
          model.path, "has no input '\(name)', which schedule.json calls the \(role); it has \(names.joined(separator: ", "))")
      }
      return name
    }
    func rank(_ name: String) -> Int { model.inputs.first { $0.name == name }?.dimensions?.count ?? 0 }
    func called(_ words: [String]) -> String? {
      names.first { name in rank(name) <= 2 && words.contains { name.lowercased().contains($0) } }
    }
    let sample =
      try checked(facts?.ports.sample, "sample")
      ?? names.first { rank($0) == 4 } ?? names.first { rank($0) == 3 && !$0.lowercased().contains("hidden") }
    guard let sample else {
      throw ImportError(
        model.path, "has no input that looks like a noisy picture; name it in schedule.json as \"onnx\": {\"sample\": ...}")
    }
    let timestep =
      try checked(facts?.ports.timestep, "timestep") ?? called(["time", "sigma", "noise_level"])
      ?? (names.contains("t") ? "t" : nil)
    let label =
      try checked(facts?.ports.classLabel, "class label") ?? called(["class", "label"]) ?? (names.contains("y") ? "y" : nil)
    return TranslationSource.Roles(sample: sample, timestep: timestep, classLabel: label)
  }

  private static func output(of model: ONNXModel, _ facts: ScheduleFile?) throws(ImportError) -> String {
    let names = model.outputs.map(\.name)
    guard let given = facts?.ports.output else { return names[0] }
    guard names.contains(given) else {
      throw ImportError(model.path, "has no output '\(given)', which schedule.json names; it has \(names.joined(separator: ", "))")
    }
    return given
  }

  private static func classCount(
    _ roles: TranslationSource.Roles, _ facts: ScheduleFile?, _ options: Options, _ path: String
  ) throws(ImportError) -> Int {
    guard let label = roles.classLabel else { return 0 }
    guard let classes = facts?.classes, classes > 0 else {
      throw ImportError(path, "takes class labels in '\(label)'; say how many there are: num_classes in the schedule.json")
    }
    return max(classes, (options.nullClass ?? facts?.nullClass ?? -1) + 1)
  }
}

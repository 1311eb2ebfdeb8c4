import DriftGraph
import DriftImport

/// What was recognised in a checkpoint. Encoded with snake-case keys it is the JSON of `spindrift inspect CHECKPOINT`.
public struct CheckpointListing: Sendable, Encodable {
  /// Something that the denoiser takes.
  public struct Input: Sendable, Encodable {
    /// As the checkpoint calls it.
    public var name: String
    /// Channels, height and width; empty for a single number.
    public var shape: [Int]
    /// Such as `noisy sample`.
    public var meaning: String
  }

  /// A noise schedule.
  public struct Schedule: Sendable, Encodable {
    /// How noise enters, in a few words.
    public var process: String
    /// Number of training timesteps.
    public var trainingSteps: Int
    /// The sampler that is taken where none is named.
    public var sampler: String
    /// How inference timesteps are spread.
    public var timestepSpacing: String
    /// The clean estimate is clamped to +- this; nil: it is not.
    public var clipRange: Double?
  }

  /// Operators of an ONNX model that were taken for one.
  public struct Pattern: Sendable, Encodable {
    /// What they compute.
    public var name: String
    /// How often it was found.
    public var count: Int
  }

  /// What was given to be read.
  public var path: String
  /// `diffusers folder`, `ONNX model` or `file of tensors`.
  public var kind: String
  /// Class, version of operators, or family.
  public var architecture: String
  /// Notes of the import.
  public var remarks: [String]
  /// What the denoiser takes.
  public var inputs: [Input]
  /// Channels, height and width of a sample.
  public var sampleShape: [Int]
  /// Those of a picture: the sample's, unless a decoder makes pictures of samples.
  public var pictureShape: [Int]
  /// What maps to black and to white.
  public var dataRange: [Float]
  /// Labels that the model takes, the null class among them.
  public var classCount: Int
  /// The label that means "no class".
  public var nullClass: Int?
  /// What the answer means; nil without a schedule.
  public var prediction: String?
  /// Nil if the checkpoint has none.
  public var schedule: Schedule?
  /// Why there is no schedule and how to give one.
  public var missingSchedule: String?
  /// What was recognized in an ONNX model's operators.
  public var patterns: [Pattern]
  /// Values of the denoiser's parameters.
  public var parameters: Int
  /// Of one evaluation of the denoiser, without what depends on the timestep and the class alone.
  public var multiplyAddsPerStep: Int
  /// The network.
  public var denoiser: GraphListing
  /// What makes pictures of samples, once after the last step.
  public var decoder: GraphListing?

  /// Lists a checkpoint.
  public init(_ model: ImportedModel, path: String) {
    self.path = path
    switch model.form {
    case .diffusers(let name): (kind, architecture) = ("diffusers folder", name)
    case .onnx(let opset): (kind, architecture) = ("ONNX model", "opset \(opset)")
    case .tensors(let family): (kind, architecture) = ("file of tensors", family)
    }
    remarks = model.remarks
    inputs = Self.inputs(of: model)
    sampleShape = model.graph.sampleShape.map(Self.sizes) ?? []
    pictureShape = model.decoder?.outputShape.map(Self.sizes) ?? sampleShape
    dataRange = [model.dataRange.lowerBound, model.dataRange.upperBound]
    classCount = model.graph.classCount
    nullClass = model.nullClass
    switch model.schedule {
    case .success(let found):
      prediction = found.prediction == .v ? "v" : found.prediction.rawValue
      schedule = Schedule(found)
    case .failure(let error): missingSchedule = "\(error)"
    }
    patterns = model.patterns.map { pattern in
      Pattern(name: Activation(rawValue: pattern.name).map(OperationText.name) ?? pattern.name, count: pattern.count)
    }
    denoiser = GraphListing(model.graph)
    decoder = model.decoder.map { GraphListing($0) }
    parameters = denoiser.parameters
    multiplyAddsPerStep = denoiser.multiplyAdds
  }

  private static func sizes(_ shape: Shape) -> [Int] { [shape.channels, shape.height, shape.width] }

  /// The sample, the timestep and the class where values depend on them, and the inputs that are still open.
  private static func inputs(of model: ImportedModel) -> [Input] {
    let graph = model.graph, ports = model.ports
    var result: [Input] = []
    if let shape = graph.sampleShape {
      let name = ports?.sample ?? graph.nodes.first { $0.operation == .sample }?.name
      result.append(Input(name: name ?? "sample", shape: sizes(shape), meaning: "noisy sample"))
    }
    let readsTimestep = graph.changesWithTimestep().contains(true)
    if let name = ports.map(\.timestep) ?? (readsTimestep ? "timestep" : nil) {
      result.append(Input(name: name, shape: [], meaning: "timestep"))
    }
    if graph.classCount > 0 {
      result.append(Input(name: ports?.classLabel ?? "class", shape: [], meaning: "class label"))
    }
    for (name, shape) in graph.openInputs.sorted(by: { $0.key < $1.key }) {
      let meaning =
        shape.pixels == 1 ? "vector" : shape.height == 1 ? "context of \(shape.width) tokens" : "conditioning picture"
      result.append(Input(name: name, shape: sizes(shape), meaning: "\(meaning), open: --context gives its values"))
    }
    return result
  }
}

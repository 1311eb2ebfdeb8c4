import DriftGraph

/// A trained model as its files have it. Unlike a `Checkpoint`, it may still lack its noise schedule.
public struct ImportedModel: Sendable {
  /// What the files are.
  public enum Form: Sendable, Equatable {
    /// A diffusers folder whose configuration names a class.
    case diffusers(className: String)
    /// An ONNX model.
    case onnx(opset: Int)
    /// A file of tensors of a network of this family.
    case tensors(family: String)
  }

  /// Names of inputs, as an ONNX model has them.
  public struct Ports: Sendable, Equatable {
    /// Takes the noisy sample.
    public var sample: String
    /// Takes the timestep, if there is such an input.
    public var timestep: String?
    /// Takes the class label, if there is such an input.
    public var classLabel: String?
  }

  /// Operators of an ONNX model that were taken for one.
  public struct Pattern: Sendable, Equatable {
    /// What they compute.
    public var name: String
    /// How often it was found.
    public var count: Int
  }

  /// What the files are.
  public var form: Form
  /// The denoiser.
  public var graph: Graph
  /// What makes pictures of the denoiser's latents; nil where samples are pictures.
  public var decoder: Graph?
  /// How noise enters, or the error that says that the files do not tell and what to do.
  public var schedule: Result<NoiseSchedule, ImportError>
  /// The class label that means "no class"; nil if the model has none.
  public var nullClass: Int?
  /// What maps to black and to white in a picture.
  public var dataRange: ClosedRange<Float>
  /// Where it came from and what it calls itself.
  public var description: String
  /// What was recognized and, where the files leave it open, taken for granted; a sentence each.
  public var remarks: [String] = []
  /// Names of inputs; nil where the form gives them none of its own.
  public var ports: Ports?
  /// What was recognized in an ONNX model's operators.
  public var patterns: [Pattern] = []

  /// Refuses a null class that is no class.
  /// - Parameter path: what the error is about.
  func checkNullClass(_ path: String) throws(ImportError) {
    guard let nullClass, !(0..<graph.classCount).contains(nullClass) else { return }
    throw ImportError(
      path,
      "the null class is \(nullClass), but the model has \(graph.classCount == 0 ? "no classes" : "classes 0 to \(graph.classCount - 1)")"
    )
  }

  /// The model with its noise schedule.
  /// - Throws: an error that says how to give a schedule, if there is none.
  public func checkpoint() throws(ImportError) -> Checkpoint {
    Checkpoint(
      graph: graph, decoder: decoder, schedule: try schedule.get(), nullClass: nullClass, dataRange: dataRange,
      description: description, remarks: remarks)
  }
}

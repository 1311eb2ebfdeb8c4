import DriftGraph
import DriftReference

/// A checkpoint that walks a sampler in single precision. Safe for concurrent use.
public final class FloatSource: PictureSource, Sendable {
  /// The checkpoint.
  public let checkpoint: Checkpoint
  /// The steps, and the decoder of latents if there is one.
  public let pipeline: ReferencePipeline
  /// Re-derive the noise from the clipped estimate at every step; otherwise only where guidance meets clipping.
  public let clippedEpsilon: Bool
  private let shape: Shape
  private let picture: Shape

  /// - Throws: `EvaluationError` if the graph takes no sample.
  public init(_ checkpoint: Checkpoint, plan: SamplerPlan, clippedEpsilon: Bool) throws(EvaluationError) {
    guard let shape = checkpoint.graph.sampleShape, let picture = checkpoint.pictureShape else {
      throw EvaluationError("\(checkpoint.description): the graph takes no sample")
    }
    self.checkpoint = checkpoint
    self.pipeline = ReferencePipeline(checkpoint: checkpoint, plan: plan)
    self.clippedEpsilon = clippedEpsilon
    self.shape = shape
    self.picture = picture
  }

  /// The steps.
  public var sampler: ReferenceSampler { pipeline.sampler }

  /// Channels of a picture.
  public var channels: Int { picture.channels }
  /// Rows of a picture.
  public var height: Int { picture.height }
  /// Columns of a picture.
  public var width: Int { picture.width }
  /// Channels, height and width of a sample.
  public var sampleShape: [Int] { [shape.channels, shape.height, shape.width] }
  /// What maps to black and to white.
  public var dataRange: ClosedRange<Float> { checkpoint.dataRange }
  /// Steps of the sampler.
  public var stepCount: Int { sampler.plan.steps.count }
  /// Labels that the model takes, the null class among them.
  public var classCount: Int { checkpoint.graph.classCount }
  /// The label that means "no class".
  public var nullClass: Int? { checkpoint.nullClass }

  /// Makes one picture.
  public func generate(_ request: PictureRequest, progress: (_ done: Int) -> Void) throws -> [Float] {
    try generate(request) { progress($0.index + 1) }
  }

  /// Makes one picture and shows every step.
  func generate(_ request: PictureRequest, onStep: (ReferenceSampler.Step) -> Void) throws -> [Float] {
    try withoutActuallyEscaping(onStep) { onStep in
      try pipeline.generate(
        noise: request.noise, seed: request.seed, sampleIndex: request.sampleIndex, classLabel: request.classLabel ?? nullClass,
        guidance: request.guidance, clippedEpsilon: clippedEpsilon ? true : nil,
        onStep: {
          onStep($0)
          return true
        })
    }
  }

  /// One evaluation of the denoiser.
  /// - Throws: `EvaluationError` for timesteps that the model was not trained with.
  public func evaluate(_ x: [Float], timestep: Float, classLabel: Int?) throws -> [Float] {
    let last = Float(sampler.plan.trainingSteps - 1)
    let lowest = min(sampler.plan.steps.map(\.timestep).min() ?? 0, 0)
    guard (lowest...max(last, 0)).contains(timestep) else {
      throw EvaluationError("timestep \(timestep): \(checkpoint.description) was trained with timesteps \(lowest) to \(last)")
    }
    return try sampler.denoiser.evaluate(x: x, timestep: timestep, classLabel: classLabel ?? nullClass)
  }
}

import DriftFormat
import DriftReference
import DriftRuntime

/// Compares samples one after the other; each worker has its own.
final class SampleComparer {
  private let float: FloatSource
  private let integer: IntegerSource
  private let model: ModelFile
  /// What the float trajectory's steps kept.
  private var history = SamplerHistory(slots: 0, count: 0)

  init(float: FloatSource, model: ModelFile, spiking: SpikingOptions?) throws {
    self.float = float
    self.model = model
    integer = try IntegerSource(model, spiking: spiking)
  }

  /// Walks the float trajectory with the integer programs looking on, then lets them walk alone. The float side always guides in full: what a
  /// file saves at guidance shows as an error of its own. What a step keeps for later ones comes from the float trajectory's states too.
  func compare(_ request: PictureRequest) throws -> SampleComparison {
    var result = SampleComparison()
    var failure: (any Error)?
    try integer.start(request)
    var guided = GuidedAnswers(integer, request)
    result.floatPicture = try float.generate(request) { step in
      guard failure == nil else { return }
      do {
        let state = Array(step.sample)
        if step.index == 0 { history = SamplerHistory(slots: Int(model.file.model.history_count), count: state.count) }
        let prediction = try guided.answer(state, step: step.index)
        result.noise.append(ErrorPower(reference: step.output, candidate: prediction))
        result.update.append(
          ErrorPower(reference: step.next, candidate: next(state, prediction, step: step.index, request: request)))
        _ = next(state, Array(step.output), step: step.index, request: request, keeps: true)
      } catch { failure = error }
    }
    if let failure { throw failure }
    result.integerPicture = try integer.generate(request) { _ in }
    return result
  }

  /// The state after a step, from the given prediction and the noise that both sides draw there.
  /// - Parameter keeps: write the history slot that the step writes.
  private func next(
    _ state: [Float], _ prediction: [Float], step: Int, request: PictureRequest, keeps: Bool = false
  ) -> [Float] {
    var row = SamplerRow(model.file.steps[step])
    if !keeps { row.writeSlot = -1 }
    var noise = [Float](repeating: 0, count: row.addsNoise ? state.count : 0)
    noise.withUnsafeMutableBufferPointer {
      Noise.fillNormal($0, seed: request.seed, stream: 1 + UInt32(step), sample: request.sampleIndex)
    }
    let always = model.file.model.flags & UInt32(DRIFT_MODEL_ALWAYS_CLIPPED_EPSILON.rawValue) != 0
    var result = state
    result.withUnsafeMutableBufferPointer { state in
      prediction.withUnsafeBufferPointer { prediction in
        noise.withUnsafeBufferPointer { noise in
          guard let base = prediction.baseAddress else { return }
          let clipped = always || (request.guidance != 1 && row.clips)
          history.withSlots {
            row.apply(x: state, e: base, noise: noise.baseAddress, history: $0, clippedEpsilon: clipped)
          }
        }
      }
    }
    return result
  }
}

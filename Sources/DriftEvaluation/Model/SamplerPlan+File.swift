import DriftFormat
import DriftGraph

extension SamplerPlan {
  /// The plan that a file was converted with, so that the float reference walks the very same rows.
  /// - Throws: `EvaluationError` if the rows use conditioning.
  public init(of model: ModelFile) throws(EvaluationError) {
    let record = model.file.model
    guard model.file.steps.allSatisfy({ $0.m == 0 }) else {
      throw EvaluationError("\(model.path): the float reference walks samplers without conditioning only")
    }
    let steps = model.file.steps.map { row in
      SamplerStep(
        timestep: row.timestep, p: row.p, q: row.q, a: row.a, b: row.b, g: row.g, clippedA: row.clipped_a, clippedB: row.clipped_b,
        d: row.d, clip: row.flags & UInt32(DRIFT_STEP_CLIP.rawValue) != 0 ? row.clip_high : nil,
        history: record.history_count == 0 ? [] : [row.c.0, row.c.1, row.c.2, row.c.3],
        keeps: SamplerStep.Kept.Source(rawValue: row.write_source).flatMap { source in
          row.write_slot >= 0 ? SamplerStep.Kept(source, slot: Int(row.write_slot)) : nil
        })
    }
    let prediction: Prediction =
      switch record.prediction {
      case UInt32(DRIFT_PREDICTION_SAMPLE.rawValue): .sample
      case UInt32(DRIFT_PREDICTION_V.rawValue): .v
      case UInt32(DRIFT_PREDICTION_FLOW.rawValue): .flow
      default: .epsilon
      }
    self.init(
      name: model.metadata("sampler") ?? "the file's sampler", steps: steps, initialScale: record.initial_scale,
      prediction: prediction, trainingSteps: Int(record.training_steps))
  }
}

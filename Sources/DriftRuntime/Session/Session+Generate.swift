import CDriftFormat
import DriftFormat

extension Session {
  /// Values of a sample.
  public var sampleCount: Int {
    Int(truncatingIfNeeded: file.model.sample_channels) &* Int(truncatingIfNeeded: file.model.sample_height)
      &* Int(truncatingIfNeeded: file.model.sample_width)
  }

  /// Steps of the sampler.
  public var stepCount: Int { file.steps.count }

  /// Generates one sample.
  /// - Parameters:
  ///   - output: ``sampleCount`` values, NCHW, in the model's data range.
  ///   - progress: Called after each step with the steps done and their number; false cancels.
  /// - Throws: `outputTooSmall`, `badClass`, `badGuidance`, or `cancelled`.
  public mutating func generate(
    _ request: Request, into output: UnsafeMutableBufferPointer<Float>,
    progress: (_ done: Int, _ of: Int) -> Bool = { _, _ in true }
  ) throws(DriftError) {
    throw DriftError(.cancelled)
  }

  /// One evaluation of the denoiser, without the sampler.
  /// - Parameters:
  ///   - x: ``sampleCount`` values, NCHW.
  ///   - step: Index of the step.
  ///   - classLabel: The class, or -1 for none.
  ///   - output: The model's prediction, as many values, NCHW.
  /// - Throws: `badStep`, `badClass`, `badNoise` (x too short), `outputTooSmall`.
  public mutating func evaluate(
    _ x: UnsafeBufferPointer<Float>, step: Int, classLabel: Int32 = -1, into output: UnsafeMutableBufferPointer<Float>
  ) throws(DriftError) {
    throw DriftError(.badStep)
  }
}

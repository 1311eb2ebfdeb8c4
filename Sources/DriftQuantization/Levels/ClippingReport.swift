/// How ranges of few levels were chosen: narrow ones round finely, wide ones hold the trajectory that leaves the others' range.
public struct ClippingReport: Codable, Sendable {
  /// A weight that was tried.
  public struct Trial: Codable, Sendable {
    /// How much more clipping counts than rounding.
    public var weight: Double
    /// Same-noise PSNR to the float network's pictures, in dB, median.
    public var psnrDb: Double
  }

  /// In ascending order of weights.
  public var trials: [Trial]
  /// Pictures of each trial.
  public var pictures: Int

  /// Weight of the trial with the best pictures, the greater of equals.
  public var chosen: Double

  init(_ trials: [Trial], pictures: Int) {
    self.trials = trials
    self.pictures = pictures
    chosen = trials.reversed().max { $0.psnrDb < $1.psnrDb }?.weight ?? 1
  }
}

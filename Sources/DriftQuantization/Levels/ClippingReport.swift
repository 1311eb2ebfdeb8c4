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
  public var chosen: Double { trials.reversed().max { $0.psnrDb < $1.psnrDb }?.weight ?? 1 }

  private enum CodingKeys: String, CodingKey { case trials, pictures, chosen }

  init(trials: [Trial], pictures: Int) { (self.trials, self.pictures) = (trials, pictures) }

  /// Reads what `encode` wrote.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    trials = try container.decode([Trial].self, forKey: .trials)
    pictures = try container.decode(Int.self, forKey: .pictures)
  }

  /// Writes trials and what was chosen.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(trials, forKey: .trials)
    try container.encode(pictures, forKey: .pictures)
    try container.encode(chosen, forKey: .chosen)
  }
}

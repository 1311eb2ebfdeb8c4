import DriftCalibration
import DriftRuntime

/// What making guidance cheaper costs, for people and for `convert --report`.
public struct GuidanceReport: Codable, Sendable {
  /// One step of the file.
  public struct Step: Codable, Sendable {
    /// `full`, `skipped` or `estimated`.
    public var kind: String
    /// Cosine of the clean pictures that the class's answer and the null class's mean.
    public var branches: BranchAgreement
    /// The same of the estimate and the null class's answer, where there was something to estimate from.
    public var estimate: BranchAgreement?
    /// Factors of the estimate: the null class's last answer, the class's last, the class's now.
    public var factors: [Float]?
  }

  /// Distribution of pictures' PSNR to float pictures with full guidance, in dB.
  public struct Spread: Codable, Sendable, Equatable {
    /// Half of the pictures lie below.
    public var median: Double
    /// 5th percentile.
    public var p5: Double
    /// The lowest.
    public var least: Double
  }

  /// One way to guide.
  public struct Way: Codable, Sendable {
    /// `none`, `adaptive` or `linear`.
    public var skipping: String
    /// Evaluations of the denoiser for one picture.
    public var evaluations: Int
    /// Float pictures: what the skipping alone costs.
    public var floatPsnrDb: Spread
    /// int8 pictures: what a board shows.
    public var int8PsnrDb: Spread
  }

  /// The way that the file guides.
  public var skipping: String
  /// The weight that it was chosen for.
  public var weight: Float
  /// From which cosine on the branches counted as the same.
  public var threshold: Double
  /// Every step.
  public var steps: [Step]
  /// The file's way and its alternatives, on pictures from noise that nothing was fitted to.
  public var ways: [Way]
  /// Pictures of each way.
  public var samples: Int
  /// Seed of their noise.
  public var seed: UInt64

  init(_ choice: GuidanceChoice, options: GuidanceOptions, ways: [Way], samples: Int, seed: UInt64) {
    skipping = options.skipping.rawValue
    weight = options.weight
    threshold = options.threshold
    steps = choice.rows.enumerated().map { index, row in
      Step(
        kind: "\(row.kind)", branches: choice.branches[index], estimate: choice.estimates[index],
        factors: row.kind == .estimated ? [row.lastNull, row.lastClass, row.nowClass] : nil)
    }
    self.ways = ways
    self.samples = samples
    self.seed = seed
  }
}

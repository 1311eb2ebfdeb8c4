/// What a comparison of a `.drift` file with its checkpoint found. Encoded with snake-case keys it is the JSON of `spindrift compare`.
public struct ComparisonFigures: Codable, Sendable {
  /// A ratio in dB for every step of the sampler.
  public struct StepRatio: Codable, Sendable {
    /// Mean over the steps, without those that are exact.
    public var mean: Double
    /// The lowest.
    public var worst: Double
    /// Which step has it; 0 is the noisiest.
    public var worstStep: Int
    /// All of them.
    public var steps: [Double]

    /// Ratios of sums over samples, one a step.
    public init(_ powers: [ErrorPower]) {
      let ratios = powers.map(\.sqnr)
      let least = ratios.enumerated().min { $0.element < $1.element }
      steps = ratios
      mean = ratios.filter(\.isFinite).mean ?? .infinity
      worst = least?.element ?? .infinity
      worstStep = least?.offset ?? 0
    }
  }

  /// Distribution of a ratio in dB over the samples.
  public struct Spread: Codable, Sendable {
    /// Half of the samples lie below.
    public var median: Double
    /// 5th percentile.
    public var p5: Double
    /// The lowest.
    public var least: Double
  }

  /// Distances of distributions of pictures in a feature space. Not an FID: the space and the number of samples are named.
  public struct Frechet: Codable, Sendable {
    /// The feature space.
    public var features: String
    /// From the integer pictures to float pictures made from other noise.
    public var value: Double
    /// From the float pictures to those same ones: what the number of samples alone makes.
    public var floatFloor: Double
    /// From the integer pictures to real ones, where the checkpoint has their statistics.
    public var valueToData: Double?
    /// From the float pictures to real ones.
    public var floatToData: Double?
  }

  /// How often a classifier sees the class that was asked for, as shares of the samples.
  public struct Accuracy: Codable, Sendable {
    /// Of the float pictures.
    public var float: Double
    /// Of the integer pictures.
    public var int8: Double
    /// Both pictures of a pair are taken for the same class.
    public var agreement: Double
  }

  /// SQNR of the noise prediction, teacher-forced: both sides see the float trajectory's states.
  public var sqnrDb: StepRatio
  /// SQNR of the sampler's next state from the same states.
  public var updateSqnrDb: StepRatio
  /// PSNR of finished pictures from the same noise, each side walking alone; the range is the data's.
  public var psnrDb: Spread
  /// Distances of the sets of pictures.
  public var frechet: Frechet
  /// Present where the feature space knows classes and the model is conditional.
  public var accuracy: Accuracy?
  /// Pictures of each side.
  public var samples: Int
  /// Steps of the sampler.
  public var steps: Int
  /// Weight of classifier-free guidance.
  public var guidance: Double
  /// Evaluations of the denoiser for one picture: integer side, as the file guides.
  public var evaluationsPerPicture: Int
  /// Float side, always with full guidance.
  public var floatEvaluationsPerPicture: Int
  /// Seed of the noise.
  public var seed: UInt64
  /// Size of the `.drift` file.
  public var fileBytes: Int
  /// Working memory with one thread.
  public var arenaBytes: UInt64
  /// Mean multiply-adds of int8 operands of a step; a guided step takes twice as many.
  public var multiplyAddsPerStep: Double
  /// Steps that run the first program, which computes everything.
  public var fullSteps: Int
  /// What the programs multiply, and how many steps run them.
  public var programs: [ProgramUse]
  /// Integer side, one thread, alone on the machine.
  public var msPerStep: Double
  /// Float side, one thread, alone on the machine.
  public var floatMsPerStep: Double
  /// Events, energy by table and time against dense int8, of a spiking program.
  public var spiking: SpikingFigures?
}

import DriftCalibration
import DriftEmission
import DriftGraph
import DriftReference
import Synchronization

/// Chooses how much clipping weighs by the pictures that come out. With few levels no rule serves all: on models/digits-relu with 15 levels,
/// 50 steps want four times the weight of rounding (4 dB), 100 steps want one (7 dB), and errors of the noise prediction hardly differ.
struct ClippingSearch {
  var source: Checkpoint
  var plan: SamplerPlan
  var options: ConversionOptions

  /// Pictures of each trial, of a seed that nothing else looks at.
  static let samples = 8
  private var seed: UInt64 { options.seed &+ 5 }

  /// Weights that are tried: that of plain squared error, and the levels' own.
  var candidates: [Double] { [1, OperandLevels.clippingWeight(options.levels)] }

  /// - Parameter images: candidates by weight, in ascending order.
  func run(_ images: [(weight: Double, image: DriftImage)], progress: @escaping Converter.Progress) throws -> ClippingReport {
    let pipeline = ReferencePipeline(checkpoint: source, plan: plan)
    let files = try images.map { try options.running($0.image).encode() }
    let done = Mutex(0)
    let ratios = try LaneRunner.run { lane in
      let engines = try files.map { try IntegerDenoiser(encoded: $0) }
      return try stride(from: lane, to: Self.samples, by: LaneRunner.laneCount).map { sample in
        let classLabel = source.graph.classCount > 0 ? sample % source.graph.classCount : nil
        let reference = try pipeline.generate(
          seed: seed, sampleIndex: UInt32(sample), classLabel: classLabel, clippedEpsilon: options.clippedEpsilon ? true : nil)
        let found = try engines.map { engine in
          let picture = try engine.generate(seed: seed, sampleIndex: UInt32(sample), classLabel: classLabel, guidance: 1)
          return source.psnr(picture, reference)
        }
        let count = done.withLock {
          $0 += 1
          return $0
        }
        progress("weigh clipping", count, Self.samples)
        return found
      }
    }
    return ClippingReport(
      trials: images.enumerated().map { index, trial in
        .init(weight: trial.weight, psnrDb: GuidanceReport.Spread(ratios.joined().map { min($0[index], 300) }).median)
      }, pictures: Self.samples)
  }
}

import DriftCalibration
import DriftEmission
import DriftGraph
import DriftReference
import DriftRuntime
import Foundation
import Synchronization

/// Makes the same pictures with full guidance and with cheaper ones, from noise that nothing was fitted to, in float and with the device's
/// own engine.
struct GuidanceTrial {
  /// Pictures of each way.
  static let samples = 16

  let checkpoint: Checkpoint
  let pipeline: ReferencePipeline
  let options: ConversionOptions
  let guidance: GuidanceOptions

  /// Seed of the pictures' noise.
  var seed: UInt64 { options.seed &+ 2 }

  /// Measures ways to guide. The image's own rows do not matter.
  func run(
    _ ways: [(name: String, rows: [GuidanceRow])], image: DriftImage, progress: @escaping @Sendable (_ done: Int, _ of: Int) -> Void
  ) throws -> [GuidanceReport.Way] {
    let files = try ways.map { way in
      var variant = image
      try variant.guide(way.rows)
      return try options.running(variant).encode()
    }
    let rows = ways.map(\.rows)
    let labels = (0..<checkpoint.graph.classCount).filter { $0 != checkpoint.nullClass }
    let done = Mutex(0)
    let ratios = try LaneRunner.run { lane in
      let engines = try files.map { try IntegerDenoiser(encoded: $0) }
      return try stride(from: lane, to: Self.samples, by: LaneRunner.laneCount).map { sample in
        let label = labels[sample % labels.count]
        func float(_ rows: [GuidanceRow]) throws -> [Float] {
          var walk = try GuidedWalk(
            pipeline.sampler, seed: seed, sampleIndex: UInt32(sample), classLabel: label, weight: guidance.weight,
            clippedEpsilon: options.clippedEpsilon)
          try walk.run(rows)
          return try pipeline.picture(walk.x)
        }
        let reference = try float([GuidanceRow](repeating: .full, count: pipeline.sampler.plan.steps.count))
        let pairs = try zip(rows, engines).map { rows, engine in
          let isFull = rows.allSatisfy { $0.kind == .full }
          let picture = isFull ? reference : try float(rows)
          let integer = try engine.generate(
            seed: seed, sampleIndex: UInt32(sample), classLabel: label, guidance: guidance.weight)
          return (float: psnr(picture, reference), int8: psnr(integer, reference))
        }
        progress(
          done.withLock {
            $0 += 1
            return $0
          }, Self.samples)
        return pairs
      }
    }
    return ways.enumerated().map { index, way in
      let pairs = ratios.joined().map { $0[index] }
      return GuidanceReport.Way(
        skipping: way.name, evaluations: way.rows.reduce(0) { $0 + $1.evaluations(guidance.weight) },
        floatPsnrDb: .init(pairs.map(\.float)), int8PsnrDb: .init(pairs.map(\.int8)))
    }
  }

  /// PSNR over the data's range, in dB.
  private func psnr(_ picture: [Float], _ reference: [Float]) -> Double {
    let error = zip(picture, reference).reduce(0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
    let range = Double(checkpoint.dataRange.upperBound - checkpoint.dataRange.lowerBound)
    return error == 0 ? .infinity : 10 * log10(range * range * Double(reference.count) / error)
  }
}

extension GuidanceReport.Spread {
  /// Of some ratios.
  init(_ ratios: [Double]) {
    let sorted = ratios.sorted()
    func quantile(_ share: Double) -> Double {
      guard let last = sorted.indices.last else { return .infinity }
      let position = share * Double(last)
      let (low, part) = (Int(position), position - position.rounded(.down))
      return part == 0 ? sorted[low] : sorted[low] * (1 - part) + sorted[low + 1] * part
    }
    self.init(median: quantile(0.5), p5: quantile(0.05), least: sorted.first ?? .infinity)
  }
}

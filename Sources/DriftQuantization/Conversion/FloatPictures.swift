import DriftCalibration
import DriftGraph
import DriftReference
import Foundation

/// Pictures of the float network, to measure those of integer programs against that make them from the same noise.
struct FloatPictures: Sendable {
  /// One of them.
  struct Trajectory: Sendable {
    var sampleIndex: Int
    var request: CalibrationRequest
    var picture: [Float]
  }

  var trajectories: [Trajectory]
  var seed: UInt64
  /// Distance between black and white.
  var range: Double

  /// Runs the float sampler. Trajectories of calibration are run again, because calibration keeps no pictures.
  /// - Parameters:
  ///   - seed: of the noise.
  ///   - guidance: weight of guided pictures, which are among others as in calibration; 1: none.
  init(_ assembly: ImageAssembly, samples: Int, seed: UInt64, guidance: Float) throws {
    var source = assembly.checkpoint
    source.graph = assembly.program.graph
    let checkpoint = source
    let pipeline = ReferencePipeline(checkpoint: checkpoint, plan: assembly.plan)
    let always = assembly.options.clippedEpsilon
    let lanes = try LaneRunner.run { lane in
      try stride(from: lane, to: samples, by: LaneRunner.laneCount).map { sample in
        let request = CalibrationRequest(sample: sample, checkpoint: checkpoint, weight: guidance)
        let picture = try pipeline.generate(
          seed: seed, sampleIndex: UInt32(sample), classLabel: request.classLabel, guidance: request.guidance,
          clippedEpsilon: always ? true : nil)
        return Trajectory(sampleIndex: sample, request: request, picture: picture)
      }
    }
    trajectories = (0..<samples).map { lanes[$0 % LaneRunner.laneCount][$0 / LaneRunner.laneCount] }
    self.seed = seed
    range = Double(checkpoint.dataRange.upperBound - checkpoint.dataRange.lowerBound)
  }

  /// Median PSNR of an image's pictures to the float ones, in dB.
  func medianPSNR(_ encoded: [UInt8]) throws -> Double {
    let lanes = try LaneRunner.run { lane in
      let integer = try IntegerDenoiser(encoded: encoded)
      return try stride(from: lane, to: trajectories.count, by: LaneRunner.laneCount).map { index in
        let trajectory = trajectories[index]
        let picture = try integer.generate(
          seed: seed, sampleIndex: UInt32(trajectory.sampleIndex), classLabel: trajectory.request.classLabel,
          guidance: trajectory.request.guidance)
        let error = zip(picture, trajectory.picture).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
        return 10 * log10(range * range * Double(picture.count) / max(error, .leastNormalMagnitude))
      }
    }
    let sorted = lanes.flatMap(\.self).sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }
}

import DriftCalibration
import DriftEmission
import DriftFormat
import DriftGraph
import DriftReference
import Foundation
import Synchronization

/// Factors for the scales of 8-bit operands, which are the thresholds of a spiking program's neurons, by coordinate descent on the error of
/// the noise prediction (SDM's threshold guidance, section 3.4, with a factor for each group of layers and steps instead of one for all).
///
/// Ranges are chosen tensor by tensor for least squared error of the tensor; what that error does to the answer, only the whole network tells.
/// Step groups are independent of each other: each step's answer has its group's scales alone.
struct ThresholdSearch {
  var image: DriftImage
  /// Groups of tensors that are searched together, by position in the image.
  var layers: [[Int]]
  /// Steps of each step group.
  var groups: [Range<Int>]
  var states: TeacherStates

  /// Layer groups at most: what a search costs does not depend on the network's depth.
  static let greatestLayerCount = 32
  /// Steps of a step group that are looked at.
  static let stepsOfGroup = 5
  /// Factors that are tried one after the other around the best so far, coarse to fine (SPIKING notes 2.8).
  private static let factors: [[Float]] = [[0.8, 1.25], [0.87, 1.15], [0.93, 1.07]]
  /// SDM's factors for all thresholds at once.
  private static let globalFactors: [Float] = [0.997, 0.9985, 1.0015, 1.003]

  /// Steps of a group, evenly spread, its first and last among them.
  static func steps(of group: Range<Int>) -> [Int] {
    guard group.count > stepsOfGroup else { return Array(group) }
    return (0..<stepsOfGroup).map { group.lowerBound + $0 * (group.count - 1) / (stepsOfGroup - 1) }
  }

  /// What is made least: the mean over steps of the error in decibels, so that steps of little signal do not outweigh the others.
  private static func cost(_ errors: [Double]) -> Double { errors.reduce(0) { $0 + log10(max($1, .leastNormalMagnitude)) } }

  /// Searches all step groups.
  /// - Returns: factors, [step group][layer group].
  func run(progress: @escaping @Sendable (_ done: Int, _ of: Int) -> Void) throws -> [[Float]] {
    let done = Mutex(0)
    let lanes = try LaneRunner.run { lane in
      try stride(from: lane, to: groups.count, by: LaneRunner.laneCount).map { group in
        let factors = try descend(group)
        progress(
          done.withLock {
            $0 += 1
            return $0
          }, groups.count)
        return factors
      }
    }
    return groups.indices.map { lanes[$0 % LaneRunner.laneCount][$0 / LaneRunner.laneCount] }
  }

  private func descend(_ group: Int) throws -> [Float] {
    let steps = Self.steps(of: groups[group])
    var best = [Float](repeating: 1, count: layers.count)
    func error(_ factors: [Float]) throws -> Double {
      Self.cost(try states.errors(of: scaled(group, by: factors), steps: steps))
    }
    var least = try error(best)
    for round in Self.factors {
      for layer in layers.indices {
        let start = best[layer]
        for factor in round {
          var trial = best
          trial[layer] = start * factor
          let found = try error(trial)
          if found < least { (best, least) = (trial, found) }
        }
      }
    }
    return best
  }

  /// The factor for all scales that leaves the least error on top of the others; 1 if none is better.
  func globalFactor() throws -> Float {
    let steps = groups.flatMap { Self.steps(of: $0) }
    let factors = [1] + Self.globalFactors
    let lanes = try LaneRunner.run { lane in
      try stride(from: lane, to: factors.count, by: LaneRunner.laneCount).map { index in
        var trial = self
        trial.multiply(by: factors[index])
        return Self.cost(try states.errors(of: trial.image, steps: steps))
      }
    }
    let errors = factors.indices.map { lanes[$0 % LaneRunner.laneCount][$0 / LaneRunner.laneCount] }
    guard let least = errors.indices.min(by: { errors[$0] < errors[$1] }) else { return 1 }
    return factors[least]
  }

  private func scaled(_ group: Int, by factors: [Float]) -> DriftImage {
    var result = image
    for (tensors, factor) in zip(layers, factors) where factor != 1 {
      for tensor in tensors { result.quantization[group][tensor].multiply(by: factor) }
    }
    return result
  }

  /// Multiplies the scales of all step groups, [step group][layer group].
  mutating func multiply(by factors: [[Float]]) {
    for group in groups.indices { image.quantization[group] = scaled(group, by: factors[group]).quantization[group] }
  }

  /// Multiplies every scale.
  mutating func multiply(by factor: Float) {
    multiply(by: [[Float]](repeating: [Float](repeating: factor, count: layers.count), count: groups.count))
  }
}

extension drift_quantization {
  fileprivate mutating func multiply(by factor: Float) {
    scale = min(max(scale * factor, FormatLimits.scales.lowerBound), FormatLimits.scales.upperBound)
  }
}

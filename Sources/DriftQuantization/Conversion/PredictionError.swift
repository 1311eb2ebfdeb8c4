import DriftReference
import Foundation

/// Power of a noise prediction and of an integer program's error in it, step by step.
struct PredictionError: Sendable {
  private var powers: [(signal: Double, noise: Double)]

  init(steps: Int) { powers = .init(repeating: (0, 0), count: steps) }

  /// Counts one evaluation's answers.
  mutating func add(_ ours: [Float], _ theirs: UnsafeBufferPointer<Float>, step: Int) {
    for (ours, theirs) in zip(ours, theirs) {
      powers[step].signal += Double(theirs) * Double(theirs)
      powers[step].noise += Double(ours - theirs) * Double(ours - theirs)
    }
  }

  /// Counts what another has counted.
  mutating func merge(_ other: PredictionError) {
    for step in powers.indices {
      powers[step].signal += other.powers[step].signal
      powers[step].noise += other.powers[step].noise
    }
  }

  /// Signal to noise of every step, in dB.
  var sqnr: [Double] {
    powers.map { 10 * log10(max($0.signal, .leastNormalMagnitude) / max($0.noise, .leastNormalMagnitude)) }
  }
}

extension ReferenceSampler {
  /// Walks one trajectory without guidance; all classes take turns.
  /// - Parameter visit: receives every step's state and the float network's answer; its error ends the walk.
  func walk(
    seed: UInt64, sample: Int, classCount: Int, clippedEpsilon: Bool,
    visit: @escaping (_ step: Step, _ classLabel: Int?) throws -> Void
  ) throws {
    let classLabel = classCount > 0 ? sample % classCount : nil
    var failure: (any Error)?
    _ = try generate(
      seed: seed, sampleIndex: UInt32(sample), classLabel: classLabel, clippedEpsilon: clippedEpsilon ? true : nil,
      onStep: { step in
        do {
          try visit(step, classLabel)
          return true
        } catch {
          failure = error
          return false
        }
      })
    if let failure { throw failure }
  }
}

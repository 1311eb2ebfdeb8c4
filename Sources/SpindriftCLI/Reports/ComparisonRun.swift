import DriftEvaluation
import DriftGraph
import DriftImport
import DriftReference
import DriftRuntime
import Foundation

/// A comparison as a command makes it: with progress, on a held-out seed, in the checkpoint's own feature space.
struct ComparisonRun {
  /// The checkpoint, read.
  var checkpoint: Checkpoint
  /// Where it is, for its feature network.
  var path: String
  var model: ModelFile
  var samples: Int
  var seed: UInt64
  var guidance: Float
  /// How a spiking program runs; nil: as is fastest.
  var spiking: SpikingOptions?

  /// Measures; says on standard error if the seed had to be another.
  func outcome() throws -> Comparison.Outcome {
    let heldOut = Comparison.heldOutSeed(seed, model: model)
    if heldOut != seed {
      StandardError.note("seed \(seed) was used for calibration; seed \(heldOut) is used instead")
    }
    let comparison = try Comparison(
      checkpoint: checkpoint, model: model, features: try features(),
      options: ComparisonOptions(samples: samples, seed: heldOut, guidance: guidance, spiking: spiking))
    let progress = ProgressBar()
    defer { progress.finish() }
    return try comparison.run { progress.update($0.rawValue, $1, of: $2) }
  }

  /// The feature network that the checkpoint brings along in its folder `features/`; nil if it brings none.
  private func features() throws -> (any FeatureSpace)? {
    let folder = path + "/features"
    guard let shape = checkpoint.pictureShape, FileManager.default.fileExists(atPath: folder) else { return nil }
    return try NetworkFeatures(FeatureNetwork.load(folder), name: "network in features/", shape: shape, range: checkpoint.dataRange)
  }
}

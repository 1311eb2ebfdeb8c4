import DriftGraph
import DriftImport

/// Runs a `FeatureModel`: what it sees in a picture, and which class it takes it for. Safe to call from several threads at once.
public struct FeatureNetwork: Sendable {
  /// What is run.
  public let model: FeatureModel

  private let executor: FloatDenoiser

  /// Prepares a model.
  public init(_ model: FeatureModel) {
    self.model = model
    executor = FloatDenoiser(model.graph)
  }

  /// Reads the model of a folder, such as `models/digits/features`.
  public static func load(_ path: String) throws(ImportError) -> FeatureNetwork {
    FeatureNetwork(try FeatureModel.load(path: path))
  }

  /// Features and class scores of one picture, channels first, in the model's own range.
  public func features(_ picture: [Float]) throws(ReferenceError) -> (features: [Float], logits: [Float]) {
    var features: [Float] = []
    let logits = try executor.evaluate(x: picture, timestep: 0) { node, values in
      if node == model.features { features = Array(values) }
    }
    return (features, logits)
  }

  /// The same for several pictures, one after the other in `pictures`.
  public func features(ofEach pictures: [Float]) throws(ReferenceError) -> (features: [[Float]], logits: [[Float]]) {
    let size = model.pictureShape.count
    guard size > 0, pictures.count % size == 0 else {
      throw ReferenceError("\(pictures.count) values are not a whole number of pictures of \(model.pictureShape)")
    }
    var result: (features: [[Float]], logits: [[Float]]) = ([], [])
    for start in stride(from: 0, to: pictures.count, by: size) {
      let (features, logits) = try self.features(Array(pictures[start..<start + size]))
      result.features.append(features)
      result.logits.append(logits)
    }
    return result
  }
}

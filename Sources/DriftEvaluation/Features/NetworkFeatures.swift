import DriftGraph
import DriftReference

/// Features as a checkpoint's own network sees them, which is a classifier as well.
public struct NetworkFeatures: FeatureSpace {
  /// What the report calls it.
  public let name: String
  /// Statistics of real pictures.
  public let dataStatistics: FeatureStatistics?
  private let network: FeatureNetwork
  private let shape: Shape
  private let range: ClosedRange<Float>

  /// - Parameters:
  ///   - shape: of the pictures; smaller ones are set into the middle of a black picture of the network's size.
  ///   - range: of the pictures' values; mapped to the network's.
  /// - Throws: `EvaluationError` if the network cannot take such pictures.
  public init(_ network: FeatureNetwork, name: String, shape: Shape, range: ClosedRange<Float>) throws(EvaluationError) {
    let expected = network.model.pictureShape
    guard expected.channels == shape.channels, expected.height >= shape.height, expected.width >= shape.width else {
      throw EvaluationError("\(name) takes pictures of \(expected), the model makes \(shape); remove the network to compare pixels")
    }
    self.network = network
    self.name = name
    self.shape = shape
    self.range = range
    dataStatistics = try FeatureStatistics(mean: network.model.mean, covariance: network.model.covariance)
  }

  /// The network's features of one picture and the class with the highest score.
  public func describe(_ picture: [Float]) throws -> (features: [Float], label: Int?) {
    let (features, logits) = try network.features(fitted(picture))
    return (features, logits.indices.max { logits[$0] < logits[$1] })
  }

  /// The picture in the network's size and range.
  func fitted(_ picture: [Float]) -> [Float] {
    let target = network.model.pictureShape, black = network.model.dataRange.lowerBound
    let gain = (network.model.dataRange.upperBound - black) / (range.upperBound - range.lowerBound)
    let top = (target.height - shape.height) / 2, left = (target.width - shape.width) / 2
    var result = [Float](repeating: black, count: target.count)
    for channel in 0..<shape.channels {
      for y in 0..<shape.height {
        for x in 0..<shape.width {
          let value = picture[(channel * shape.height + y) * shape.width + x]
          result[(channel * target.height + y + top) * target.width + x + left] = black + (value - range.lowerBound) * gain
        }
      }
    }
    return result
  }
}

/// What turns a picture into the vector that the Frechet distance is taken of.
public protocol FeatureSpace: Sendable {
  /// What the report calls it.
  var name: String { get }
  /// Statistics of real pictures in this space, if they are known.
  var dataStatistics: FeatureStatistics? { get }
  /// Features of one picture, [channels][height][width] in the model's range, and the class that it is taken for if the space knows classes.
  func describe(_ picture: [Float]) throws -> (features: [Float], label: Int?)
}

extension PixelFeatures: FeatureSpace {
  /// What the report calls it.
  public var name: String { "pixels, averaged to at most \(Self.side)x\(Self.side)" }
  /// None: the checkpoint brings no pictures.
  public var dataStatistics: FeatureStatistics? { nil }

  /// The means of the areas; pixels know no class.
  public func describe(_ picture: [Float]) -> (features: [Float], label: Int?) { (self(picture), nil) }
}

import CArmadillo

/// Mean and covariance of a set of feature vectors: the normal distribution that the Frechet distance compares.
public struct FeatureStatistics: Sendable {
  /// [dimensions]
  public var mean: [Double]
  /// [dimensions][dimensions], row-major
  public var covariance: [Double]

  /// Features per vector.
  public var dimensions: Int { mean.count }

  /// Takes statistics that were computed elsewhere.
  /// - Throws: `EvaluationError` if the covariance is not square of the mean's size.
  public init(mean: [Double], covariance: [Double]) throws(EvaluationError) {
    guard !mean.isEmpty, covariance.count == mean.count * mean.count else {
      throw EvaluationError(
        "feature statistics have a mean of \(mean.count) and a covariance of \(covariance.count) values; expected n and n*n")
    }
    self.mean = mean
    self.covariance = covariance
  }

  /// Statistics of equally long vectors; the covariance is the unbiased one.
  /// - Throws: `EvaluationError` if there is no vector or their lengths differ.
  public init(of vectors: [[Float]]) throws(EvaluationError) {
    guard let dimensions = vectors.first?.count, dimensions > 0, vectors.allSatisfy({ $0.count == dimensions }) else {
      throw EvaluationError("feature vectors are missing or of different lengths")
    }
    var mean = [Double](repeating: 0, count: dimensions)
    var covariance = [Double](repeating: 0, count: dimensions * dimensions)
    let flat = vectors.flatMap { $0 }
    guard armadillo_statistics(flat, vectors.count, dimensions, &mean, &covariance) else {
      throw EvaluationError("mean and covariance of \(vectors.count) vectors of \(dimensions) features cannot be computed")
    }
    self.mean = mean
    self.covariance = covariance
  }

  /// Frechet distance (squared 2-Wasserstein distance) of two normal distributions.
  ///
  ///     |m1 - m2|^2 + trace(C1 + C2 - 2 (C1^1/2 C2 C1^1/2)^1/2)
  ///
  /// - Throws: `EvaluationError` if dimensions differ or a value is not finite.
  public func frechetDistance(to other: FeatureStatistics) throws(EvaluationError) -> Double {
    guard dimensions == other.dimensions else {
      throw EvaluationError("the Frechet distance needs equal features, got \(dimensions) and \(other.dimensions) per picture")
    }
    var distance = 0.0
    guard armadillo_frechet_distance(mean, covariance, other.mean, other.covariance, dimensions, &distance) else {
      throw EvaluationError("the Frechet distance of \(dimensions) features cannot be computed: a value is not finite")
    }
    return distance
  }
}

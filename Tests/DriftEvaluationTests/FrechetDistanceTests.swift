import CArmadillo
import DriftEvaluation
import Testing

@Suite("Frechet distance")
struct FrechetDistanceTests {
  /// Statistics with a diagonal covariance.
  private func diagonal(_ mean: [Double], _ variances: [Double]) throws -> FeatureStatistics {
    var covariance = [Double](repeating: 0, count: mean.count * mean.count)
    for index in mean.indices { covariance[index * mean.count + index] = variances[index] }
    return try FeatureStatistics(mean: mean, covariance: covariance)
  }

  @Test("of normal distributions along one axis is (m1 - m2)^2 + (s1 - s2)^2")
  func oneDimension() throws {
    let distance = try diagonal([1], [4]).frechetDistance(to: diagonal([4], [25]))
    #expect(abs(distance - (9 + 9)) < 1e-12)
  }

  @Test("of diagonal covariances adds up over the axes")
  func diagonalCovariances() throws {
    let distance = try diagonal([0, 1, -2], [1, 9, 0]).frechetDistance(to: diagonal([3, 1, -2], [16, 1, 4]))
    #expect(abs(distance - (9 + 9 + 4 + 4)) < 1e-12)
  }

  @Test("of covariances that do not commute equals the closed form for 2x2 matrices")
  func noncommuting() throws {
    // trace((A^1/2 B A^1/2)^1/2) = sqrt(trace(AB) + 2 sqrt(det A det B)) in two dimensions.
    let a: [Double] = [2, 1, 1, 3], b: [Double] = [5, -2, -2, 1]
    let traceOfProduct = zip(a, b).map(*).reduce(0, +)
    let determinants: Double = 5 * 1
    let root = (traceOfProduct + 2 * determinants.squareRoot()).squareRoot()
    let offset: Double = 5
    let traces: Double = 11
    let expected = offset + traces - 2 * root
    let first = try FeatureStatistics(mean: [0, 0], covariance: a)
    let second = try FeatureStatistics(mean: [1, 2], covariance: b)
    #expect(abs(try first.frechetDistance(to: second) - expected) < 1e-10)
    #expect(abs(try second.frechetDistance(to: first) - expected) < 1e-10)
  }

  @Test("of a set of pictures to itself is zero, with fewer pictures than features too")
  func itself() throws {
    let vectors = (0..<10).map { (sample: Int) -> [Float] in
      (0..<64).map { (feature: Int) -> Float in Float((feature * 37 + sample * sample * 11) % 101) }
    }
    let statistics = try FeatureStatistics(of: vectors)
    let scale = (0..<64).map { statistics.covariance[$0 * 65] }.reduce(0, +)
    #expect(try statistics.frechetDistance(to: statistics) < 1e-9 * scale)
  }

  @Test("refuses other dimensions and values that are not numbers")
  func refusals() throws {
    let one = try diagonal([0], [1])
    #expect(throws: EvaluationError.self) { try one.frechetDistance(to: diagonal([0, 0], [1, 1])) }
    #expect(throws: EvaluationError.self) { try one.frechetDistance(to: diagonal([.nan], [1])) }
    #expect(throws: EvaluationError.self) { try one.frechetDistance(to: diagonal([0], [.infinity])) }
    #expect(throws: EvaluationError.self) { try FeatureStatistics(mean: [0, 0], covariance: [1, 0, 0]) }
    #expect(throws: EvaluationError.self) { try FeatureStatistics(of: []) }
    #expect(throws: EvaluationError.self) { try FeatureStatistics(of: [[1, 2], [1]]) }
  }

  @Test("mean and covariance are the unbiased ones")
  func statistics() throws {
    let statistics = try FeatureStatistics(of: [[1, 10], [2, 8], [6, 0]])
    #expect(statistics.mean == [3, 6])
    let expected: [Double] = [7, -14, -14, 28]
    for (found, value) in zip(statistics.covariance, expected) { #expect(abs(found - value) < 1e-12) }
    #expect(try FeatureStatistics(of: [[5, 7]]).covariance == [0, 0, 0, 0])
  }

  @Test("the square root of a matrix, multiplied with itself, is the matrix")
  func squareRoot() {
    let matrix: [Double] = [4, 2, 0, 2, 5, 1, 0, 1, 3]
    var root = [Double](repeating: 0, count: 9)
    #expect(armadillo_square_root(matrix, 3, &root))
    for row in 0..<3 {
      for column in 0..<3 {
        let product = (0..<3).reduce(0.0) { $0 + root[row * 3 + $1] * root[$1 * 3 + column] }
        #expect(abs(product - matrix[row * 3 + column]) < 1e-12)
      }
    }
  }
}

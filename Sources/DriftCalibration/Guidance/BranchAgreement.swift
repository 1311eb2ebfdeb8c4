/// How far two answers agree at a step: the cosine of the angle between the clean pictures that they mean, over samples and classes.
public struct BranchAgreement: Codable, Sendable, Equatable {
  /// Mean.
  public private(set) var mean = 0.0
  /// The lowest.
  public private(set) var worst = 1.0
  private var count = 0

  private enum CodingKeys: CodingKey { case mean, worst }

  package init() {}

  private init(mean: Double, worst: Double, count: Int) {
    (self.mean, self.worst, self.count) = (mean, worst, count)
  }

  /// Adds a pair. Two that are zero agree; zero and another do not.
  package mutating func add(_ a: [Float], _ b: [Float]) {
    var (product, powerA, powerB) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      product += Double(x) * Double(y)
      powerA += Double(x) * Double(x)
      powerB += Double(y) * Double(y)
    }
    let power = (powerA * powerB).squareRoot()
    let cosine = power > 0 ? min(product / power, 1) : powerA == powerB ? 1 : 0
    add(BranchAgreement(mean: cosine, worst: cosine, count: 1))
  }

  /// Adds what was measured elsewhere.
  package mutating func add(_ other: BranchAgreement) {
    guard other.count > 0 else { return }
    mean = (mean * Double(count) + other.mean * Double(other.count)) / Double(count + other.count)
    worst = min(worst, other.worst)
    count += other.count
  }
}

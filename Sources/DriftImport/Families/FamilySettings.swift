import DriftGraph

/// The settings of a network as they are asked for; keeps what was taken for granted, for the report.
struct FamilySettings {
  private let family: Family
  private let given: [String: String]
  private let spellings: [String: String]
  private var used: Set<String> = []
  /// Such as `heads 4`: what neither the tensors nor the user said.
  private(set) var assumptions: [String] = []

  init(_ family: Family, _ options: ArchitectureOptions) {
    self.family = family
    given = options.settings
    spellings = options.spellings
  }

  func isGiven(_ key: String) -> Bool { given[key] != nil }

  /// A whole number.
  mutating func integer(_ key: String, in range: ClosedRange<Int>, default fallback: Int) throws(ImportError) -> Int {
    guard let text = take(key, fallback: "\(fallback)") else { return fallback }
    guard let value = Int(text), range.contains(value) else {
      throw ImportError(spelling(key), "expected a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// A number above 0.
  mutating func positive(_ key: String, default fallback: Float) throws(ImportError) -> Float {
    guard let text = take(key, fallback: "\(fallback)") else { return fallback }
    guard let value = Float(text), value.isFinite, value > 0 else {
      throw ImportError(spelling(key), "expected a number above 0")
    }
    return value
  }

  /// A number in a range.
  mutating func number(_ key: String, in range: ClosedRange<Float>, default fallback: Float) throws(ImportError) -> Float {
    let value = try positive(key, default: fallback)
    guard range.contains(value) else {
      throw ImportError(spelling(key), "expected a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// One of some words; the first is the default.
  mutating func word(_ key: String, of words: [String]) throws(ImportError) -> String {
    guard let text = take(key, fallback: words[0]) else { return words[0] }
    guard words.contains(text) else {
      throw ImportError(spelling(key), "expected \(words.joined(separator: " or "))")
    }
    return text
  }

  /// Refuses settings that nothing asked for.
  func refuseOthers() throws(ImportError) {
    if let other = given.keys.filter({ !used.contains($0) }).min() {
      throw ImportError(spelling(other), "does not apply to this network of the family \(family.rawValue)")
    }
  }

  private func spelling(_ key: String) -> String { spellings[key] ?? "--architecture-option \(key)" }

  private mutating func take(_ key: String, fallback: String) -> String? {
    if let text = given[key] {
      used.insert(key)
      return text
    }
    if !assumptions.contains("\(key)=\(fallback)") { assumptions.append("\(key)=\(fallback)") }
    return nil
  }
}

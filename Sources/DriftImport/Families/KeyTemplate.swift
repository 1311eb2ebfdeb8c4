/// How some of a family's keys look: components between dots; `#` stands for a number, `a|b` for either, `*` for `weight|bias`.
struct KeyTemplate: Sendable, CustomStringConvertible {
  let description: String
  private let components: [[String]]

  init(_ text: String) {
    description = text
    components = text.split(separator: ".").map { part in
      part == "*" ? ["weight", "bias"] : part.split(separator: "|").map(String.init)
    }
  }

  /// Names of modules that are the family's own: neither numbers nor what every layer has.
  var words: [String] {
    components.joined().filter { !["#", "weight", "bias"].contains($0) && KeyTree.number($0[...]) == nil }
  }

  /// Whether a key, split at its dots, looks like this.
  func matches(_ key: [Substring]) -> Bool {
    key.count == components.count
      && zip(key, components).allSatisfy { part, choices in
        choices.contains { $0 == "#" ? KeyTree.number(part) != nil : $0 == part }
      }
  }
}

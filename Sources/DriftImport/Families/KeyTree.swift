/// Keys of a checkpoint by the modules that they lie in.
struct KeyTree {
  private var children: [String: Set<String>] = [:]

  init(_ names: [String]) {
    for name in names {
      var parent = ""
      for part in name.split(separator: ".", omittingEmptySubsequences: false).prefix(32) {
        children[parent, default: []].insert(String(part))
        parent += parent.isEmpty ? String(part) : ".\(part)"
      }
    }
  }

  /// Whether anything lies in a module.
  func has(_ module: String) -> Bool { children[module] != nil }

  /// Numbers of the modules within a module, ascending.
  func numbers(in module: String) -> [Int] { (children[module] ?? []).compactMap { Self.number($0[...]) }.sorted() }

  /// A number of a list of modules; nil if a component is not one. No network has a list of more than a hundred thousand modules.
  static func number(_ part: Substring) -> Int? {
    guard (1...5).contains(part.count), part.utf8.allSatisfy({ (48...57).contains($0) }), part == "0" || part.first != "0" else {
      return nil
    }
    return Int(part)
  }
}

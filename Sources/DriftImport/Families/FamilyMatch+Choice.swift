extension FamilyMatch {
  /// The family that a file's tensors are of.
  /// - Parameter name: of the family, if it is not to be found out.
  /// - Throws: an error that says which family comes nearest, what is missing or extra, and what to do.
  static func choose(_ source: any TensorSource, name: String?) throws(ImportError) -> FamilyMatch {
    if let name, let family = Family(name: name) {
      let match = FamilyMatch(family, source)
      guard match.missing.isEmpty else {
        throw ImportError(source.path, "does not hold a network of the family \(family.rawValue): \(match.account). \(advice)")
      }
      return match
    }
    let matches = Family.allCases.map { FamilyMatch($0, source) }
    if let exact = matches.first(where: \.isExact) { return exact }
    func isNearer(_ one: FamilyMatch, _ other: FamilyMatch) -> Bool {
      (one.found, -one.missing.count, one.related) < (other.found, -other.missing.count, other.related)
    }
    guard let nearest = matches.max(by: isNearer), nearest.related > 0 else {
      throw ImportError(
        source.path,
        "is of no family that is rebuilt from its keys alone: none of its \(source.names.count) keys (\(listed(source.names.sorted()))) is known to any. \(advice)"
      )
    }
    throw ImportError(
      source.path,
      "is of no family that is rebuilt from its keys alone. Nearest comes \(nearest.family.rawValue): \(nearest.account). \(advice)"
    )
  }

  /// How much fits and what does not.
  private var account: String {
    var parts = ["\(found) of \(found + extra.count) keys are this family's"]
    if !missing.isEmpty { parts.append("missing are \(Self.listed(missing))") }
    if !extra.isEmpty { parts.append("not its own are \(Self.listed(extra))") }
    return parts.joined(separator: "; ")
  }

  private static let advice =
    "The general way is ONNX: torch.onnx.export(network, (sample, timestep), \"model.onnx\"), then spindrift convert model.onnx --schedule FILE.json"

  /// The first few keys.
  private static func listed(_ keys: [String]) -> String {
    keys.prefix(3).map { "'\($0)'" }.joined(separator: ", ") + (keys.count > 3 ? " and \(keys.count - 3) more" : "")
  }
}

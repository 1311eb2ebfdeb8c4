/// How well the tensors of a file fit a family.
struct FamilyMatch {
  let family: Family
  /// The network's tensors, without what its keys have in front.
  let view: TensorView
  /// Keys that look like the family's.
  let found: Int
  /// Keys that share a module's name with the family at least.
  let related: Int
  /// Keys that every network of the family has and that the file lacks.
  let missing: [String]
  /// Keys of the file that belong neither to the family nor to what lies beside its networks.
  let extra: [String]
  private let isOtherFamilys: Bool

  init(_ family: Family, _ source: any TensorSource) {
    self.family = family
    let names = source.names
    let prefixes = Self.prefixes(names, family)
    let prefix = prefixes.first ?? ""
    view =
      family == .latentDiffusion && prefix.hasSuffix("diffusion_model.")
      ? TensorView(source, prefix: prefix, means: "model_ema.") : TensorView(source, prefix: prefix)
    let templates = family.templates
    func isKey(_ name: String, after prefix: String) -> Bool {
      guard name.hasPrefix(prefix) else { return false }
      let key = name.dropFirst(prefix.count).split(separator: ".", omittingEmptySubsequences: false)
      return templates.contains { $0.matches(key) }
    }
    var (found, extra): (Int, [String]) = (0, [])
    for name in names {
      if isKey(name, after: prefix) {
        found += 1
        continue
      }
      // Of several copies of a network, such as the trained one and its running mean, one is taken.
      let isCopy = prefixes.dropFirst().prefix(8).contains { isKey(name, after: $0) }
      if !isCopy, !family.isCompanion(name) { extra.append(name) }
    }
    self.found = found
    let words = Set(templates.flatMap(\.words))
    related = names.count { $0.split(separator: ".").contains { words.contains(String($0)) } }
    // The networks without transformers have the same keys, but only latent-diffusion names its denoiser so.
    isOtherFamilys = family == .guidedDiffusion && prefix.hasSuffix("diffusion_model.")
    self.extra = extra.sorted()
    let view = view
    missing = family.required.filter { view.shape(of: $0) == nil }
  }

  /// Whether nothing is missing or left over.
  var isExact: Bool { missing.isEmpty && extra.isEmpty && found > 0 && !isOtherFamilys }

  /// What the network's keys begin with: running means of the weights first, which give better pictures, then the shortest.
  private static func prefixes(_ names: [String], _ family: Family) -> [String] {
    let anchors = family == .sddpm ? ["conv_identity.weight", "conv_identity.tsmconv.weight"] : [family.anchor]
    func rank(_ prefix: String) -> (Int, Int, String) { (prefix.lowercased().contains("ema") ? 0 : 1, prefix.count, prefix) }
    return names.compactMap { name in
      anchors.first { name == $0 || name.hasSuffix(".\($0)") }.map { String(name.dropLast($0.count)) }
    }.sorted { rank($0) < rank($1) }
  }
}

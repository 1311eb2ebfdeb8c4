extension PyTorchArchive {
  /// Keys under which training scripts store moving averages, then those of the trained weights; earlier ones are preferred.
  private static let averagedKeys = [
    "ema_model", "ema_state_dict", "state_dict_ema", "model_ema", "ema_model_state_dict", "params_ema", "ema_params", "ema_weights",
    "ema_net", "ema_unet", "ema",
  ]
  private static let trainedKeys = [
    "net_model", "model_state_dict", "state_dict", "model", "net", "network", "module", "params", "unet", "denoiser", "generator",
    "weights",
  ]
  /// Dicts in dicts beyond this are not searched.
  private static let deepestSearch = 8
  /// As many keys are named by errors, and no more are looked behind once these lead to tensors.
  private static let mostListed = 8

  /// A dict on the way to the tensors.
  private struct Place {
    var keys: [String]
    var value: PickleValue
    var isAveraged = false
  }

  /// Finds the model's tensors: in the saved object, or in the dict that it holds under a key known from training scripts.
  ///
  /// A prefix that all names share because the model was wrapped (`module.`, `_orig_mod.`) is taken off.
  /// - Parameter weights: which to take where there are both; `trained` also leaves out averages that are the only ones.
  public func stateDict(preferring weights: StateDict.Weights = .averaged) throws(ImportError) -> StateDict {
    guard case .dictionary = root else {
      throw ImportError(path, "holds \(describe(root)), expected a dict of tensors; save the model's state_dict()")
    }
    guard let place = try find(Place(keys: [], value: root), weights) else {
      let keys = (items(of: root) ?? []).prefix(Self.mostListed).map { "\(describe($0.key)): \(describe($0.value))" }
      throw ImportError(path, "has no dict of tensors; it holds \(keys.isEmpty ? "nothing" : keys.joined(separator: ", "))")
    }
    return try collect(place, weights)
  }

  /// Descends from dict to dict until one holds tensors itself.
  private func find(_ start: Place, _ weights: StateDict.Weights) throws(ImportError) -> Place? {
    var place = start
    var deadEnds: [Int: Int] = [:]
    for _ in 0..<Self.deepestSearch {
      let keys = weights == .averaged ? Self.averagedKeys + Self.trainedKeys : Self.trainedKeys
      let known = keys.lazy.compactMap { key in self.value(of: place.value, key).map { (key, $0) } }.first {
        leadsToTensors($0.1, &deadEnds)
      }
      if let (key, value) = known {
        place = Place(keys: place.keys + [key], value: value, isAveraged: place.isAveraged || Self.averagedKeys.contains(key))
        continue
      }
      if holdsTensors(place.value) { return place }
      var others: [(key: String, value: PickleValue)] = []
      for item in items(of: place.value) ?? [] where others.count < Self.mostListed {
        // The optimizer's moments have the shapes of weights, and are none.
        guard case .string(let key) = item.key, !key.lowercased().contains("optim"),
          weights == .averaged || !Self.averagedKeys.contains(key), leadsToTensors(item.value, &deadEnds)
        else { continue }
        others.append((key, item.value))
      }
      guard let only = others.first else { return nil }
      guard others.count == 1 else {
        let listed = others.map { describe(.string($0.key)) }.joined(separator: ", ")
        throw ImportError(
          path, "has several dicts of tensors (\(listed)) under keys that do not say which is the model; save that one alone")
      }
      place = Place(keys: place.keys + [only.key], value: only.value, isAveraged: place.isAveraged)
    }
    return nil
  }

  private func holdsTensors(_ value: PickleValue) -> Bool {
    (items(of: value) ?? []).contains { item in
      if case .tensor = item.value, case .string = item.key { true } else { false }
    }
  }

  /// Whether tensors lie in a dict or in dicts inside of it.
  /// - Parameter deadEnds: dicts behind which none were found, by the least depth that they were searched from; these are not searched again,
  ///   so that a dict that many others hold costs its items once for each depth.
  private func leadsToTensors(_ value: PickleValue, _ deadEnds: inout [Int: Int]) -> Bool {
    var (waiting, seen) = ([(value, 0)], [Int: Int]())
    while let (next, depth) = waiting.popLast() {
      guard case .dictionary(let index) = next, depth < deadEnds[index] ?? .max, depth < seen[index] ?? .max else { continue }
      seen[index] = depth
      if holdsTensors(next) { return true }
      guard depth < Self.deepestSearch else { continue }
      waiting += (items(of: next) ?? []).map { ($0.value, depth + 1) }
    }
    deadEnds.merge(seen) { min($0, $1) }
    return false
  }

  private func collect(_ place: Place, _ weights: StateDict.Weights) throws(ImportError) -> StateDict {
    var tensors: [(name: String, entry: TensorEntry)] = []
    var ignored: [String] = []
    for item in items(of: place.value) ?? [] {
      if case .string(let name) = item.key, let entry = tensor(item.value) {
        tensors.append((name, entry))
      } else {
        ignored.append(describe(item.key))
      }
    }
    var isAveraged = place.isAveraged
    var notes: [String] = []
    // ema_pytorch keeps both copies in one dict.
    let copies = ("ema_model.", "online_model.")
    if [copies.0, copies.1].allSatisfy({ prefix in tensors.contains { $0.name.hasPrefix(prefix) } }) {
      let prefix = weights == .averaged ? copies.0 : copies.1
      ignored += tensors.filter { !$0.name.hasPrefix(prefix) }.map(\.name)
      tensors = tensors.filter { $0.name.hasPrefix(prefix) }.map { (String($0.name.dropFirst(prefix.count)), $0.entry) }
      isAveraged = weights == .averaged
      notes.append("of \(prefix)*")
    }
    while let prefix = ["module.", "_orig_mod."].first(where: { prefix in tensors.allSatisfy { $0.name.hasPrefix(prefix) } }) {
      tensors = tensors.map { (String($0.name.dropFirst(prefix.count)), $0.entry) }
      notes.append("without '\(prefix)'")
      if tensors.isEmpty { break }
    }
    let location = place.keys.isEmpty ? "the saved dict" : place.keys.map { "'\($0)'" }.joined(separator: " / ")
    notes.append(isAveraged ? "moving averages" : "no moving averages known")
    return StateDict(
      self, tensors, chosen: "\(tensors.count) tensors of \(location), \(notes.joined(separator: ", "))", isAveraged: isAveraged,
      ignored: ignored)
  }

  private func describe(_ value: PickleValue) -> String {
    switch value {
    case .string(let text): "'\(text.escaped)'"
    case .integer(let number): "\(number)"
    case .opaque: "an object of \(className(of: value) ?? "some class")"
    default: value.typeName
    }
  }
}

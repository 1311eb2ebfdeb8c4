import DriftGraph

/// Some tensors of a source under names of their own, such as those of one of several networks in one file.
struct TensorView: TensorSource {
  let base: any TensorSource
  /// Names in `base` by the names here.
  let sources: [String: String]

  var path: String { base.path }
  var names: [String] { Array(sources.keys) }

  func shape(of name: String) -> [Int]? { sources[name].flatMap { base.shape(of: $0) } }

  func parameter(_ name: String) throws(ImportError) -> Parameter {
    guard let source = sources[name] else { throw ImportError(path, "has no tensor '\(name)'") }
    return try base.parameter(source)
  }

  /// The tensors whose names begin with a prefix, which is cut off.
  init(_ base: any TensorSource, prefix: String) {
    self.base = base
    var sources: [String: String] = [:]
    for name in base.names where name.hasPrefix(prefix) && name.count > prefix.count {
      sources[String(name.dropFirst(prefix.count))] = name
    }
    self.sources = sources
  }

  /// The tensors of a denoiser whose running means lie beside it under names without dots (CompVis' `LitEma`): each by its mean if there is one.
  init(_ base: any TensorSource, prefix: String, means: String) {
    let plain = TensorView(base, prefix: prefix)
    self.base = base
    let module = prefix.split(separator: ".").dropFirst().joined(separator: ".")
    sources = plain.sources.reduce(into: [:]) { result, entry in
      let mean = means + "\(module).\(entry.key)".filter { $0 != "." }
      result[entry.key] = base.shape(of: mean) == base.shape(of: entry.value) ? mean : entry.value
    }
  }

  /// Refuses tensors without values or with a dimension beyond any network's, so that builders may calculate with dimensions.
  func checkShapes() throws(ImportError) {
    for (name, source) in sources.sorted(by: { $0.key < $1.key }) {
      guard let shape = shape(of: name), !shape.allSatisfy({ (1...Int(Int32.max)).contains($0) }) else { continue }
      throw ImportError(path, "tensor '\(source)' has shape \(shape), expected dimensions of 1 to \(Int32.max)")
    }
  }

  /// Trained values, counters and running statistics of normalizations not counted.
  var parameterCount: Int {
    names.reduce(0) { sum, name in
      let isCounted = !["running_mean", "running_var", "num_batches_tracked"].contains { name.hasSuffix($0) }
      return isCounted ? sum + (shape(of: name) ?? []).reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue } : sum
    }
  }
}

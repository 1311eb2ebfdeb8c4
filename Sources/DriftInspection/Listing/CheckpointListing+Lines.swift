extension CheckpointListing {
  /// A fact and its value.
  public typealias Fact = (name: String, value: String)

  /// What is said before the nodes, in the order of importance. Values are printable.
  public func facts() -> [Fact] {
    var facts: [Fact] = [
      ("kind", "\(kind), \(architecture)"),
      ("parameters", "\(parameters)" + (decoder.map { ", decoder \($0.parameters)" } ?? "")),
      ("work", work()),
    ]
    for input in inputs {
      let shape = input.shape.isEmpty ? "" : Self.text(input.shape) + ", "
      facts.append(("input", "\(input.name): \(shape)\(input.meaning)"))
    }
    facts.append(("samples", Self.text(sampleShape)))
    if let decoder, pictureShape != sampleShape {
      facts.append(("pictures", "\(Self.text(pictureShape)), made of samples by a decoder of \(decoder.nodes.count) nodes"))
    }
    facts.append(("data range", dataRange.map(OperationText.number).joined(separator: " to ")))
    let null = nullClass.map { ", \($0) means \"no class\"" } ?? ", no label means \"no class\""
    facts.append(("classes", classCount == 0 ? "none" : "\(classCount)\(null)"))
    if let prediction { facts.append(("predicts", prediction)) }
    if let schedule {
      let clipping =
        schedule.clipRange.map { "the clean estimate clipped to +-\(OperationText.number(Float($0)))" } ?? "no clipping"
      facts.append(("schedule", "\(schedule.process), \(schedule.trainingSteps) training timesteps"))
      facts.append(("sampler", "\(schedule.sampler), \(schedule.timestepSpacing) timesteps, \(clipping)"))
    }
    if let missingSchedule { facts.append(("schedule", "missing: \(missingSchedule)")) }
    if !patterns.isEmpty {
      let list = patterns.map { "\($0.count) \($0.name)" }.joined(separator: ", ")
      facts.append(("patterns", "\(list), recognized in primitive operators"))
    }
    for remark in remarks { facts.append(("note", remark)) }
    return facts.map { ($0.name, PlainText.printable($0.value)) }
  }

  /// Millions with one decimal, or the number itself.
  static func count(_ value: Int) -> String {
    guard value >= 1_000_000 else { return "\(value)" }
    let tenths = value / 100_000
    return "\(tenths / 10).\(tenths % 10) M"
  }

  private func work() -> String {
    var text = "\(Self.count(multiplyAddsPerStep)) multiply-accumulates a step"
    if denoiser.preparedMultiplyAdds > 0 {
      text += ", \(Self.count(denoiser.preparedMultiplyAdds)) for timestep and class at conversion"
    }
    if let decoder { text += ", \(Self.count(decoder.multiplyAdds)) once in the decoder" }
    return text
  }

  static func text(_ shape: [Int]) -> String { shape.map(String.init).joined(separator: "x") }
}

extension GraphListing {
  /// One row of cells for each node: its name, its operation with options, shape, parameters, multiply-accumulates, and what it depends on if
  /// that is not the sample. Cells are printable.
  public func rows() -> [[String]] {
    nodes.map { node in
      [
        PlainText.printable(node.name), ([node.operation] + node.options).joined(separator: " "),
        "-> " + CheckpointListing.text(node.shape), node.parameters == 0 ? "" : "\(node.parameters) parameters",
        node.multiplyAdds == 0 ? "" : "\(CheckpointListing.count(node.multiplyAdds)) MAC", node.dependence ?? "",
      ]
    }
  }
}

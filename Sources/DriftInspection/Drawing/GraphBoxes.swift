import DriftGraph

/// The boxes of a drawing: operation and shape above, the node's name below; everything else where the pointer rests.
struct GraphBoxes {
  private let graph: Graph
  private let layout: GraphLayout
  private let geometry: DrawingGeometry
  private let colours: LevelColours
  private let prefix: String

  init(_ graph: Graph, _ layout: GraphLayout, _ geometry: DrawingGeometry, _ colours: LevelColours, prefix: String) {
    (self.graph, self.layout, self.geometry, self.colours, self.prefix) = (graph, layout, geometry, colours, prefix)
  }

  func lines() -> [String] {
    let work = graph.multiplyAccumulates()
    return graph.nodes.indices.map { box($0, work: work[$0]) }
  }

  private func box(_ index: Int, work: Int) -> String {
    let node = graph.nodes[index], dependence = layout.dependences[index]
    let (x, y) = (geometry.x(layout.places[index]), geometry.y(layout.places[index]))
    let text = OperationText(node.operation, input: node.inputs.first.map { graph[$0].shape }, in: graph)
    var facts = [
      PlainText.shortened(node.name, to: 200), ([text.term] + text.options).joined(separator: " "), node.shape.description,
    ]
    let parameters = graph.parameterCount(of: node)
    if parameters > 0 { facts.append("\(parameters) parameters") }
    if work > 0 { facts.append("\(CheckpointListing.count(work)) multiply-accumulates") }
    if let dependence = dependence.text { facts.append("depends on: \(dependence)") }
    let isPrepared = dependence != .sample && dependence != .input
    let (width, height) = (DrawingGeometry.boxWidth, DrawingGeometry.boxHeight)
    return """
      <g class="node\(isPrepared ? " prepared" : "")" id="\(XMLText.escape(prefix))-\(index)"><title>\(XMLText.escape(facts.joined(separator: " | ")))</title>\
      <rect x="\(x)" y="\(y)" width="\(width)" height="\(height)" rx="4" fill="\(colours.fill(node, dependence))"/>\
      <text class="operation" x="\(x + 7)" y="\(y + 14)">\(XMLText.escape(Self.short(text)))</text>\
      <text class="shape" x="\(x + width - 7)" y="\(y + 14)" text-anchor="end">\(node.shape)</text>\
      <text class="name" x="\(x + 7)" y="\(y + 27)">\(XMLText.escape(PlainText.shortened(node.name, to: 38)))</text></g>
      """
  }

  /// What fits beside the shape.
  private static func short(_ text: OperationText) -> String {
    let term = text.term.replacing("normalization", with: "norm").replacing("convolution", with: "conv")
      .replacing("concatenate", with: "concat")
    let minor = ["epsilon", "factor", "padding", "no ", "shift", "period", "cosines", "sines", "from", "column", "hard"]
    let options = text.options.filter { option in !minor.contains { option.hasPrefix($0) } }
    return String(([term] + options.prefix(2)).joined(separator: " ").prefix(22))
  }
}

import DriftGraph
import DriftImport

/// A picture of a checkpoint's network: one box a node, lines for values, a legend.
public struct NetworkDrawing: Sendable {
  /// More nodes than any published denoiser has; a larger drawing could not be read.
  public static let mostNodes = 20_000

  private struct Part: Sendable {
    var title: String
    var graph: Graph
    var layout: GraphLayout
  }

  private let title: String
  private let parts: [Part]

  /// Lays out the denoiser of a checkpoint and, below it, the decoder if there is one.
  /// - Throws: `DrawingError` for graphs of more than `mostNodes` nodes.
  public init(_ model: ImportedModel) throws(DrawingError) {
    try self.init(
      title: model.description, graphs: [("Denoiser", model.graph)] + (model.decoder.map { [("Decoder", $0)] } ?? []))
  }

  /// Lays out graphs below each other.
  /// - Throws: `DrawingError` for graphs of more than `mostNodes` nodes.
  public init(title: String, graphs: [(title: String, graph: Graph)]) throws(DrawingError) {
    let count = graphs.reduce(0) { $0 + $1.graph.nodes.count }
    guard count <= Self.mostNodes else { throw DrawingError(nodes: count) }
    self.title = title
    parts = graphs.map { Part(title: $0.title, graph: $0.graph, layout: GraphLayout($0.graph)) }
  }

  /// The picture as an SVG document.
  public func svg() -> String {
    let colours = LevelColours(parts.map { ($0.graph, $0.layout.dependences) })
    let legend = DrawingLegend(title: title, colours: colours)
    var body: [String] = []
    var (width, y) = (legend.width, legend.height)
    for part in parts {
      let geometry = DrawingGeometry(part.layout, top: y + 40)
      body.append("<text class=\"part\" x=\"24\" y=\"\(y + 20)\">\(XMLText.escape(part.title))</text>")
      body += GraphEdges(part.graph, part.layout, geometry).lines()
      body += GraphBoxes(part.graph, part.layout, geometry, colours, prefix: part.title.lowercased()).lines()
      width = max(width, geometry.width)
      y = geometry.bottom
    }
    let head = """
      <?xml version="1.0" encoding="UTF-8"?>
      <svg xmlns="http://www.w3.org/2000/svg" width="\(width)" height="\(y)" viewBox="0 0 \(width) \(y)">
      <style>
      text { font-family: "DejaVu Sans", "Helvetica Neue", Arial, sans-serif; fill: #1d2327; }
      .title { font-size: 18px; font-weight: bold; } .part { font-size: 15px; font-weight: bold; } .key { font-size: 12px; }
      .operation { font-size: 10.5px; font-weight: bold; } .shape { font-size: 10.5px; } .name { font-size: 8.5px; fill: #4c565e; }
      .node rect { stroke: #66727c; } .prepared rect { stroke: #a8740a; stroke-dasharray: 4 2; }
      path { fill: none; stroke: #4c565e; stroke-width: 1.3; } .skip { stroke: #0b6e99; stroke-width: 1.8; }
      .step { stroke: #b7791f; stroke-width: 1; stroke-opacity: 0.55; }
      </style>
      <rect width="\(width)" height="\(y)" fill="#ffffff"/>
      """
    return ([head] + legend.lines() + body + ["</svg>", ""]).joined(separator: "\n")
  }
}

/// A network that cannot be drawn.
public struct DrawingError: Error, Sendable, CustomStringConvertible {
  var nodes: Int

  /// One sentence for people.
  public var description: String {
    "--svg: the network has \(nodes) nodes, and a drawing of more than \(NetworkDrawing.mostNodes) cannot be read; the listing without --svg shows them all"
  }
}

import DriftGraph
import DriftImport
import DriftInspection
import Foundation
import FoundationXML
import Testing

@Suite("drawing of a network")
struct NetworkDrawingTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  static let checkpoints = [
    "models/digits", "Tests/DriftImportTests/Fixtures/unet/plain", "Tests/DriftImportTests/Fixtures/unet/resnet-sampling-blocks",
    "Tests/DriftImportTests/Fixtures/pipelines/stable-diffusion-xl", "Tests/DriftImportTests/Fixtures/families/dit",
  ]

  private static func model(_ path: String) throws -> ImportedModel { try .load(path: root.appendingPathComponent(path).path) }

  @Test("is well-formed and has one box for every node", arguments: checkpoints)
  func boxes(path: String) throws {
    let model = try Self.model(path)
    let document = try SVGDocument(NetworkDrawing(model).svg())
    let expected =
      model.graph.nodes.indices.map { "denoiser-\($0)" } + (model.decoder?.nodes.indices.map { "decoder-\($0)" } ?? [])
    #expect(document.boxes.map(\.id).sorted() == expected.sorted())
  }

  @Test("boxes neither overlap nor leave the picture", arguments: checkpoints)
  func overlap(path: String) throws {
    let document = try SVGDocument(NetworkDrawing(Self.model(path)).svg())
    for (index, box) in document.boxes.enumerated() {
      #expect(document.frame.contains(box.frame), "\(box.id)")
      let other = document.boxes[..<index].first { $0.frame.intersects(box.frame) }
      #expect(other == nil, "\(box.id) lies on \(other?.id ?? "")")
    }
  }

  @Test("a U-Net is folded, with each resolution of both sides in rows of its own")
  func folded() throws {
    let graph = try Self.model("models/digits").graph
    let layout = GraphLayout(graph)
    #expect(layout.isFolded)
    var rows: [Int: ClosedRange<Int>] = [:]
    for (index, node) in graph.nodes.enumerated() where layout.dependences[index] == .sample {
      let row = layout.places[index].row, known = rows[node.shape.height] ?? row...row
      rows[node.shape.height] = min(known.lowerBound, row)...max(known.upperBound, row)
    }
    let levels = rows.sorted { $0.key > $1.key }.map(\.value)
    #expect(levels.count == 3)
    #expect(zip(levels, levels.dropFirst()).allSatisfy { $0.upperBound < $1.lowerBound })
    for (index, node) in graph.nodes.enumerated() where layout.dependences[index] == .sample {
      for input in node.inputs where layout.places[input.index].side == .right { #expect(layout.places[index].side == .right) }
      for input in node.inputs where layout.dependences[input.index] == .sample {
        let (from, to) = (layout.places[input.index], layout.places[index])
        if from.side == to.side { #expect(layout.order(from) < layout.order(to), "\(node.name)") }
      }
    }
  }

  @Test("a transformer runs down one side")
  func column() throws {
    #expect(!GraphLayout(try Self.model("Tests/DriftImportTests/Fixtures/families/dit").graph).isFolded)
  }

  @Test("values of the timestep and the class alone have a colour of their own")
  func prepared() throws {
    let model = try Self.model("models/digits")
    let document = try SVGDocument(NetworkDrawing(model).svg())
    let prepared = model.graph.dependsOnTimeAlone()
    #expect(prepared.contains(true))
    for box in document.boxes {
      let index = try #require(Int(box.id.dropFirst("denoiser-".count)))
      #expect((box.fill == LevelColours.prepared) == prepared[index], "\(model.graph.nodes[index].name)")
    }
  }

  @Test("hostile names stay text", arguments: ["</text><script>x</script>", "a&b\"'<", "\u{0}\u{1B}[2J\u{FFFE}", "]]>", "<!--"])
  func hostile(name: String) throws {
    var graph = Graph()
    let sample = try graph.append(.sample, name: name, shape: Shape(channels: 1, height: 4, width: 4))
    try graph.append(.activation(.silu), [sample], name: name + "2")
    let document = try SVGDocument(NetworkDrawing(title: name, graphs: [(name, graph)]).svg())
    #expect(document.boxes.count == 2)
    #expect(document.elements.isSubset(of: ["svg", "style", "rect", "text", "path", "g", "title"]))
    #expect(document.texts.contains(PlainText.printable(name)))
  }

  @Test("an empty graph and a graph without a sample are drawn")
  func degenerate() throws {
    #expect(try SVGDocument(NetworkDrawing(title: "", graphs: [("Denoiser", Graph())]).svg()).boxes.isEmpty)
    var graph = Graph()
    try graph.append(.timestep, name: "t")
    #expect(try SVGDocument(NetworkDrawing(title: "", graphs: [("Denoiser", graph)]).svg()).boxes.count == 1)
  }

  @Test("more nodes than can be read are refused")
  func tooMany() throws {
    var graph = Graph()
    var last = try graph.append(.sample, name: "sample", shape: Shape(channels: 1))
    for index in 0..<NetworkDrawing.mostNodes { last = try graph.append(.activation(.relu), [last], name: "\(index)") }
    #expect(throws: DrawingError.self) { try NetworkDrawing(title: "", graphs: [("Denoiser", graph)]) }
  }
}

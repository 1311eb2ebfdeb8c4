import DriftGraph

/// The lines of a drawing, from each node to those that read its result.
struct GraphEdges {
  private let graph: Graph
  private let layout: GraphLayout
  private let geometry: DrawingGeometry
  /// The next box of the same lane, in the direction of its side.
  private var successors: [GraphLayout.Place: GraphLayout.Place] = [:]

  init(_ graph: Graph, _ layout: GraphLayout, _ geometry: DrawingGeometry) {
    (self.graph, self.layout, self.geometry) = (graph, layout, geometry)
    var last: [[Int]: GraphLayout.Place] = [:]
    for place in layout.places.sorted(by: { layout.order($0) < layout.order($1) }) {
      let lane = [place.side == .left ? 0 : 1, place.lane]
      if let previous = last[lane] { successors[previous] = place }
      last[lane] = place
    }
  }

  func lines() -> [String] {
    graph.ids.flatMap { id in
      graph[id].inputs.map { input in
        let (from, to) = (layout.places[input.index], layout.places[id.index])
        if layout.dependences[input.index] != .sample { return "<path class=\"step\" d=\"\(prepared(from, to))\"/>" }
        if from.side != to.side { return "<path class=\"skip\" d=\"\(across(from, to))\"/>" }
        return "<path d=\"\(flow(from, to))\"/>"
      }
    }
  }

  private var half: Int { DrawingGeometry.boxHeight / 2 }
  private func centre(_ place: GraphLayout.Place) -> Int { geometry.x(place) + DrawingGeometry.boxWidth / 2 }
  /// Where values leave a box in the direction of its side, and where they enter.
  private func exit(_ place: GraphLayout.Place) -> Int {
    geometry.y(place) + (place.side == .left ? DrawingGeometry.boxHeight : 0)
  }
  private func entry(_ place: GraphLayout.Place) -> Int {
    geometry.y(place) + (place.side == .left ? 0 : DrawingGeometry.boxHeight)
  }
  /// The end of a box that looks away from the middle, and the direction away from it.
  private func outer(_ place: GraphLayout.Place) -> Int {
    geometry.x(place) + (place.side == .left ? 0 : DrawingGeometry.boxWidth)
  }
  private func inner(_ place: GraphLayout.Place) -> Int {
    geometry.x(place) + (place.side == .left ? DrawingGeometry.boxWidth : 0)
  }
  private func outwards(_ place: GraphLayout.Place) -> Int { place.side == .left ? -1 : 1 }

  /// A value of the sample on one side.
  private func flow(_ from: GraphLayout.Place, _ to: GraphLayout.Place) -> String {
    let distance = abs(layout.order(to) - layout.order(from))
    let (y, target) = (geometry.y(from) + half, geometry.y(to) + half)
    if distance == 1 || successors[from] == to {
      let middle = (exit(from) + entry(to)) / 2
      return "M\(centre(from)) \(exit(from))C\(centre(from)) \(middle) \(centre(to)) \(middle) \(centre(to)) \(entry(to))"
    }
    if from.lane == to.lane {
      let bulge = outer(from) + outwards(from) * min(14 + 3 * distance, 38)
      return "M\(outer(from)) \(y)C\(bulge) \(y) \(bulge) \(target) \(outer(to)) \(target)"
    }
    if from.lane > to.lane {
      let near = target - (to.side == .left ? 1 : -1) * 40
      return "M\(centre(from)) \(exit(from))V\(near)C\(centre(from)) \(target) \(outer(to)) \(target) \(outer(to)) \(target)"
    }
    return "M\(outer(from)) \(y)C\(centre(to)) \(y) \(centre(to)) \(y) \(centre(to)) \(entry(to))"
  }

  /// A value of the sample from one side to the other.
  private func across(_ from: GraphLayout.Place, _ to: GraphLayout.Place) -> String {
    let (y, target) = (geometry.y(from) + half, geometry.y(to) + half)
    let middle = (inner(from) + inner(to)) / 2
    return "M\(inner(from)) \(y)C\(middle) \(y) \(middle) \(target) \(inner(to)) \(target)"
  }

  /// A value that does not depend on the sample: to the next row directly, else around the boxes.
  private func prepared(_ from: GraphLayout.Place, _ to: GraphLayout.Place) -> String {
    if from.side == to.side, abs(from.row - to.row) <= 1 {
      if from.lane == to.lane { return "M\(centre(from)) \(exit(from))L\(centre(to)) \(entry(to))" }
      let target = from.lane > to.lane ? outer(to) : inner(to)
      let y = geometry.y(to) + half
      return "M\(centre(from)) \(exit(from))C\(centre(from)) \(y) \(target) \(y) \(target) \(y)"
    }
    let (y, target) = (geometry.y(from) + half, geometry.y(to) + half)
    let (start, end) = (geometry.outside(from.side), geometry.outside(to.side))
    let crossing = from.side == to.side ? "" : "V\(geometry.above)H\(end)"
    return "M\(outer(from)) \(y)H\(start)\(crossing)V\(target)H\(outer(to))"
  }
}

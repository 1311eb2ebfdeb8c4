import DriftGraph

/// Where the nodes of a graph are drawn: in rows by depth and in lanes beside each other.
///
/// A U-Net is folded where it is narrowest: its way down runs from the top to the bottom of the left side, its way up on the right side from
/// the bottom to the top, with equal resolutions beside each other. Other networks run down the left side alone. The longest path has lane
/// 0, parallel branches have the lanes beyond it, and what does not depend on the sample those beyond the branches.
package struct GraphLayout {
  /// Half of the picture.
  package enum Side: Sendable { case left, right }

  /// Where one node lies.
  package struct Place: Sendable, Hashable {
    package var side: Side
    /// Counted from the top.
    package var row: Int
    /// Counted from the middle of the picture outwards.
    package var lane: Int
  }

  /// Of each node.
  package private(set) var places: [Place]
  /// Rows of both sides.
  package private(set) var rows = 0
  /// Whether the network is folded.
  package let isFolded: Bool
  /// What each node depends on.
  package let dependences: [NodeDependence]

  /// Lays out a graph.
  package init(_ graph: Graph) {
    dependences = graph.dependences()
    let fold = GraphFold(graph, dependences)
    isFolded = fold.isFolded
    let sampleRows = GraphRows(graph, fold)
    places = graph.nodes.indices.map { Place(side: fold.isRight[$0] ? .right : .left, row: sampleRows.rows[$0], lane: 0) }
    placePrepared(graph)
    let first = places.map(\.row).min() ?? 0
    for index in places.indices { places[index].row -= first }
    rows = (places.map(\.row).max() ?? -1) + 1
    assignLanes(graph, fold)
  }

  /// Lanes of a side.
  package func lanes(_ side: Side) -> Int { (places.filter { $0.side == side }.map(\.lane).max() ?? -1) + 1 }

  /// Rows in the direction in which a side is read.
  package func order(_ place: Place) -> Int { place.side == .left ? place.row : -place.row }

  /// What does not depend on the sample comes right before its first reader.
  private mutating func placePrepared(_ graph: Graph) {
    let consumers = graph.consumers()
    for id in graph.ids.reversed() where dependences[id.index] != .sample {
      let readers = consumers[id.index].map { places[$0.index] }
      if let row = readers.filter({ $0.side == .left }).map(\.row).min() {
        places[id.index] = Place(side: .left, row: row - 1, lane: 0)
      } else if let row = readers.map(\.row).max() {
        places[id.index] = Place(side: .right, row: row + 1, lane: 0)
      } else {
        places[id.index] = Place(side: .left, row: 0, lane: 0)
      }
    }
  }

  private mutating func assignLanes(_ graph: Graph, _ fold: GraphFold) {
    let consumers = graph.consumers()
    for side in [Side.left, .right] {
      let here = graph.nodes.indices.filter { places[$0].side == side }.sorted {
        (order(places[$0]), $0) < (order(places[$1]), $1)
      }
      var lanes = LaneAllocation()
      for index in here where fold.isMain[index] { lanes.take(0, at: order(places[index])) }
      for index in here where dependences[index] == .sample && !fold.isMain[index] {
        let first = order(places[index])
        // A branch keeps its lane free down to where it is read.
        let readers = consumers[index].map { places[$0.index] }.filter { $0.side == side }.map { order($0) - 1 }
        places[index].lane = lanes.allocate(first...max(first, readers.max() ?? first), from: 1)
      }
      var prepared = LaneAllocation()
      let start = lanes.count
      for index in here where dependences[index] != .sample {
        let row = order(places[index])
        places[index].lane = start + prepared.allocate(row...row, from: 0)
      }
    }
  }
}

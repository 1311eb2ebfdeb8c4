import DriftGraph

extension Graph {
  /// What a tensor of a file can hold (docs/format.md).
  private static var mostShuffledChannels: Int { 65_535 }

  /// Replaces every bilinear enlargement by a whole factor by sums of shifted copies, one for each phase of the new pixels, and a pixel
  /// shuffle.
  ///
  /// New pixel o = factor * q + r lies at q + (r + 1/2) / factor - 1/2: of all pixels of a phase r the neighbours q - 1, q or q, q + 1 have
  /// the same shares. Beyond the border lie copies of it (`Resize.taps` clamps).
  func replacingBilinearEnlargements() throws(GraphError) -> Graph {
    try rewritten { id, inputs, graph throws(GraphError) in
      let node = self[id]
      guard case .resize(let resize) = node.operation, resize.method == .bilinear,
        let factor = resize.wholeFactor(from: graph[inputs[0]].shape), factor > 1,
        factor * factor * node.shape.channels <= Self.mostShuffledChannels
      else { return try graph.append(copyOf: node, inputs) }
      let rows = try graph.appendPhases(of: inputs[0], factor: factor, isVertical: true, name: "\(node.name).rows")
      var joined: NodeID?
      for (index, row) in rows.enumerated() {
        for phase in try graph.appendPhases(of: row, factor: factor, isVertical: false, name: "\(node.name).\(index)") {
          if let parts = joined {
            joined = try graph.append(.concatenate, [parts, phase], name: "\(graph[phase].name).joined")
          } else {
            joined = phase
          }
        }
      }
      return try graph.append(.depthToSpace(block: factor), [joined ?? inputs[0]], name: node.name)
    }
  }

  /// For each phase of new pixels along one axis, the mean of the two old ones around.
  private mutating func appendPhases(
    of source: NodeID, factor: Int, isVertical: Bool, name: String
  ) throws(GraphError) -> [NodeID] {
    let shape = self[source].shape
    let padding =
      isVertical
      ? Padding(mode: .replicate, top: 1, left: 0, bottom: 1, right: 0)
      : Padding(mode: .replicate, top: 0, left: 1, bottom: 0, right: 1)
    let padded = try append(.pad(padding), [source], name: "\(name).pad")
    let (before, after) = (
      try append(.crop(top: 0, left: 0, height: shape.height, width: shape.width), [padded], name: "\(name).before"),
      try append(
        .crop(top: isVertical ? 2 : 0, left: isVertical ? 0 : 2, height: shape.height, width: shape.width), [padded],
        name: "\(name).after")
    )
    var phases: [NodeID] = []
    for phase in 0..<factor {
      let place = (Float(phase) + 0.5) / Float(factor) - 0.5
      guard place != 0 else {
        phases.append(source)
        continue
      }
      let own = try append(.scale(1 - abs(place)), [source], name: "\(name).\(phase).own")
      let other = try append(.scale(abs(place)), [place < 0 ? before : after], name: "\(name).\(phase).other")
      phases.append(try append(.add, [own, other], name: "\(name).\(phase)"))
    }
    return phases
  }
}

extension Resize {
  /// How many times as high and as wide the new picture is, where both are the same whole number.
  fileprivate func wholeFactor(from shape: Shape) -> Int? {
    let factor = height / shape.height
    return factor * shape.height == height && factor * shape.width == width ? factor : nil
  }
}

import DriftInspection

/// A checkpoint for people: what was recognised, then one line for each node.
enum CheckpointText {
  static func lines(_ listing: CheckpointListing) -> [String] {
    [listing.path] + TextTable.lines(listing.facts().map { ["  " + $0.name + ":", $0.value] })
      + lines("denoiser", listing.denoiser) + (listing.decoder.map { lines("decoder", $0) } ?? [])
  }

  private static func lines(_ name: String, _ graph: GraphListing) -> [String] {
    ["\(name): \(graph.nodes.count) nodes"] + TextTable.lines(graph.rows()).map { "  " + $0 }
  }
}

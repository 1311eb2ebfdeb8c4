import DriftGraph

/// What a family's builder makes of the tensors.
struct FamilyNetwork {
  var graph: Graph
  /// From latents to pictures, if the file holds one.
  var decoder: Graph?
  /// Widths and numbers that the keys and shapes told, for the report.
  var summary: String
}

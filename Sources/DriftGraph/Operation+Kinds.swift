extension Operation {
  /// Whether the operation divides by a deviation or a root mean square.
  package var isNormalization: Bool {
    switch self {
    case .groupNormalization, .layerNormalization, .rootMeanSquareNormalization: true
    default: false
    }
  }
}

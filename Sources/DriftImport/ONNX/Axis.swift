import Synchronization

/// A run of equally spaced indices that is not divided further: part of a dimension of an ONNX tensor, and part of the channels, rows or
/// columns of the graph value that holds the tensor.
struct Axis: Hashable {
  private static let counter = Atomic<Int>(0)

  private let identity: Int
  let size: Int

  /// A new axis, different from all others.
  init(_ size: Int) {
    identity = Self.counter.add(1, ordering: .relaxed).newValue
    self.size = size
  }

  static func == (a: Axis, b: Axis) -> Bool { a.identity == b.identity }

  func hash(into hasher: inout Hasher) { hasher.combine(identity) }
}

extension [Axis] {
  /// Indices that the axes count together, the first of them slowest.
  var size: Int { reduce(1) { $0 * $1.size } }

  /// The same with one axis replaced by others.
  func replacing(_ axis: Axis, with parts: [Axis]) -> [Axis] { flatMap { $0 == axis ? parts : [$0] } }

  /// For every index of `self`, in order, the index of the same place in `other`, a permutation of the same axes.
  func indices(in other: [Axis]) -> [Int] {
    var strides: [Int] = []
    for axis in self {
      guard let position = other.firstIndex(of: axis) else { return [] }
      strides.append(other[(position + 1)...].reduce(1) { $0 * $1.size })
    }
    var result = [0]
    for (axis, stride) in zip(self, strides) {
      result = result.flatMap { base in (0..<axis.size).map { base + $0 * stride } }
    }
    return result
  }
}

import DriftGraph

/// How an ONNX tensor lies in a value of the graph: exporters move dimensions about with Reshape and Transpose, which here only change the
/// view, until an operation needs the value itself in another order.
///
/// `channels`, `rows` and `columns` say what the value's three dimensions count, slowest first; `dims` what the tensor's dimensions count.
/// Both name the same axes, each once. A dimension of length 1 counts nothing.
struct View {
  var node: NodeID
  var channels: [Axis]
  var rows: [Axis]
  var columns: [Axis]
  var dims: [[Axis]]

  /// Shape of the tensor.
  var shape: [Int] { dims.map(\.size) }
  /// What the value's pixels count, row by row.
  var pixels: [Axis] { rows + columns }
  /// All axes in the order of the value.
  var home: [Axis] { channels + rows + columns }

  init(node: NodeID, channels: [Axis], rows: [Axis], columns: [Axis], dims: [[Axis]]) {
    self.node = node
    self.channels = channels
    self.rows = rows
    self.columns = columns
    self.dims = dims
  }

  /// A batch of one value with a dimension for each of channels, rows and columns, or fewer.
  /// - Parameter rank: 4 [1, C, H, W], 3 [1, C, W] or 2 [1, C].
  init(node: NodeID, shape: Shape, rank: Int) {
    self.node = node
    channels = Self.axes(shape.channels)
    rows = Self.axes(shape.height)
    columns = Self.axes(shape.width)
    switch rank {
    case 4: dims = [[], channels, rows, columns]
    case 3: dims = [[], channels, columns]
    default: dims = [[], channels]
    }
  }

  /// No axis for a single index.
  static func axes(_ size: Int) -> [Axis] { size == 1 ? [] : [Axis(size)] }

  /// The same with an axis divided in two, `outer` slower than `inner`.
  func splitting(_ axis: Axis, outer: Int) -> View {
    let parts = [Axis(outer), Axis(axis.size / outer)]
    return View(
      node: node, channels: channels.replacing(axis, with: parts), rows: rows.replacing(axis, with: parts),
      columns: columns.replacing(axis, with: parts), dims: dims.map { $0.replacing(axis, with: parts) })
  }

  /// The same tensor in another shape; nil where a boundary of the new shape does not divide an axis evenly.
  func reshaped(_ shape: [Int]) -> View? {
    var result = self
    var dims: [[Axis]] = []
    var next = 0
    for length in shape {
      var dim: [Axis] = []
      var left = length
      while left > 1 {
        let order = result.dims.flatMap { $0 }
        guard next < order.count else { return nil }
        let axis = order[next]
        if left % axis.size == 0 {
          dim.append(axis)
          next += 1
          left /= axis.size
        } else if axis.size % left == 0 {
          result = result.splitting(axis, outer: left)
        } else {
          return nil
        }
      }
      dims.append(dim)
    }
    guard next == result.dims.reduce(0, { $0 + $1.count }) else { return nil }
    result.dims = dims
    return result
  }

  /// The same with dimensions in another order.
  func transposed(_ permutation: [Int]) -> View {
    var result = self
    result.dims = permutation.map { dims[$0] }
    return result
  }

  /// Divides axes of two views until dimensions of the same length count the same.
  static func refine(_ a: inout View, _ b: inout View) -> Bool {
    for index in a.dims.indices where a.dims[index].size == b.dims[index].size {
      var position = 0
      while position < a.dims[index].count {
        let (one, other) = (a.dims[index][position], b.dims[index][position])
        if one.size > other.size {
          guard one.size % other.size == 0 else { return false }
          a = a.splitting(one, outer: other.size)
        } else if other.size > one.size {
          guard other.size % one.size == 0 else { return false }
          b = b.splitting(other, outer: one.size)
        }
        position += 1
      }
    }
    return true
  }
}

extension NIRGraph {
  /// The layout that files are written in: that of the Python package of this version.
  static let version = "1.0.8"

  /// The graph as an HDF5 file, as NIR's reference implementation reads it: `version`, and in `node` the `type` NIRGraph, `nodes` with a
  /// group each, and `edges`, pairs of names. The same graph gives the same bytes.
  public func encoded() throws(NIRError) -> [UInt8] {
    try HDF5File.bytes { file throws(NIRError) in
      try file.write(Self.version, at: "/version")
      try file.write("NIRGraph", at: "/node/type")
      try file.write(pairs: edges.map { [$0.source, $0.target] }, at: "/node/edges")
      for node in nodes { try Self.write(node, to: file) }
    }
  }

  private static func write(_ node: NIRNode, to file: HDF5File) throws(NIRError) {
    let path = "/node/nodes/\(node.name)"
    try file.write(node.kind.type, at: "\(path)/type")
    switch node.kind {
    case .input(let shape), .output(let shape):
      try file.write(integers: [shape.channels, shape.height, shape.width], at: "\(path)/shape")
    case .convolution(let convolution, let height, let width):
      try file.write(integers: [height, width], at: "\(path)/input_shape")
      try file.write(convolution.weight, shape: convolution.shape, at: "\(path)/weight")
      try file.write(convolution.bias, shape: [convolution.bias.count], at: "\(path)/bias")
      try file.write(integers: [convolution.stride, convolution.stride], at: "\(path)/stride")
      try file.write(integers: [convolution.padding.height, convolution.padding.width], at: "\(path)/padding")
      try file.write(integers: [1, 1], at: "\(path)/dilation")
      try file.write(integer: convolution.groups, at: "\(path)/groups")
    case .integrateAndFire(let threshold, let shape):
      try file.write(filled: 1, shape, at: "\(path)/r")
      try file.write(filled: 0, shape, at: "\(path)/v_reset")
      try file.write(filled: threshold, shape, at: "\(path)/v_threshold")
    case .averagePool:
      try file.write(integers: [2, 2], at: "\(path)/kernel_size")
      try file.write(integers: [2, 2], at: "\(path)/stride")
      try file.write(integers: [0, 0], at: "\(path)/padding")
    case .scale(let factor, let shape):
      try file.write(filled: factor, shape, at: "\(path)/scale")
    }
  }
}

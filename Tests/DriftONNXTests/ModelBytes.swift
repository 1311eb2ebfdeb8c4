import Foundation

/// Writes ONNX models byte by byte, with everything that can be wrong about them.
struct ModelBytes {
  var opset = 17
  /// Encoded messages of the graph.
  private var graph: [UInt8] = []

  /// Field numbers are those of onnx.proto.
  mutating func node(
    _ op: String, _ inputs: [String], _ outputs: [String], name: String = "", integers: [String: [Int]] = [:],
    numbers: [String: Int] = [:]
  ) {
    var node = inputs.flatMap { Self.text(1, $0) } + outputs.flatMap { Self.text(2, $0) } + Self.text(3, name) + Self.text(4, op)
    for (key, values) in integers.sorted(by: { $0.key < $1.key }) {
      let attribute = Self.text(1, key) + values.flatMap { Self.number(8, $0) } + Self.number(20, 7)
      node += Self.message(5, attribute)
    }
    for (key, value) in numbers.sorted(by: { $0.key < $1.key }) {
      node += Self.message(5, Self.text(1, key) + Self.number(3, value) + Self.number(20, 2))
    }
    graph += Self.message(1, node)
  }

  /// A float input; a negative length is a dimension without one, called N.
  mutating func input(_ name: String, _ shape: [Int]) { graph += Self.message(11, Self.port(name, shape)) }

  mutating func output(_ name: String) { graph += Self.message(12, Self.text(1, name)) }

  /// Float values within the file.
  mutating func tensor(_ name: String, _ shape: [Int], _ values: [Float]) {
    graph += Self.message(
      5,
      shape.flatMap { Self.number(1, $0) } + Self.number(2, 1) + Self.text(8, name)
        + Self.bytes(9, values.withUnsafeBytes { Array($0) }))
  }

  mutating func integers(_ name: String, _ values: [Int]) {
    graph += Self.message(
      5, Self.number(1, values.count) + Self.number(2, 7) + Self.text(8, name) + values.flatMap { Self.number(7, $0) })
  }

  /// Float values in another file.
  mutating func external(_ name: String, _ shape: [Int], _ entries: [(String, String)]) {
    graph += Self.message(
      5,
      shape.flatMap { Self.number(1, $0) } + Self.number(2, 1) + Self.text(8, name)
        + entries.flatMap { Self.message(13, Self.text(1, $0.0) + Self.text(2, $0.1)) } + Self.number(14, 1))
  }

  /// The whole file.
  var bytes: [UInt8] { Self.number(1, 8) + Self.message(7, graph) + Self.message(8, Self.number(2, opset)) }

  private static func port(_ name: String, _ shape: [Int]) -> [UInt8] {
    let dims = shape.flatMap { message(1, $0 < 0 ? text(2, "N") : number(1, $0)) }
    return text(1, name) + message(2, message(1, number(1, 1) + message(2, dims)))
  }

  private static func varint(_ value: UInt64) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + varint(value >> 7)
  }

  private static func number(_ field: Int, _ value: Int) -> [UInt8] {
    varint(UInt64(field << 3)) + varint(UInt64(bitPattern: Int64(value)))
  }

  private static func bytes(_ field: Int, _ value: [UInt8]) -> [UInt8] {
    varint(UInt64(field << 3 | 2)) + varint(UInt64(value.count)) + value
  }

  private static func message(_ field: Int, _ content: [UInt8]) -> [UInt8] { bytes(field, content) }

  private static func text(_ field: Int, _ value: String) -> [UInt8] { bytes(field, Array(value.utf8)) }
}

import Foundation

/// The float32 `.npy` files of the tests, read and written without the code under test.
struct ArrayFile {
  var shape: [Int]
  var values: [Float]

  init(shape: [Int], values: [Float]) {
    self.shape = shape
    self.values = values
  }

  init(_ path: String) throws {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    let length = Int(data[8]) | Int(data[9]) << 8
    let header = String(decoding: data[10..<10 + length], as: UTF8.self)
    let inside = header.components(separatedBy: "(")[1].components(separatedBy: ")")[0]
    shape = inside.split(separator: ",").compactMap { Int($0.trimmingCharacters(in: .whitespaces)) }
    values = data[(10 + length)...].withUnsafeBytes { raw in
      (0..<raw.count / 4).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
    }
  }

  func write(_ path: String) throws {
    var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(shape.map { "\($0)," }.joined())), }"
    header += String(repeating: " ", count: 117 - header.count) + "\n"
    var data = Data([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, UInt8(header.count), 0])
    data.append(contentsOf: header.utf8)
    values.withUnsafeBytes { data.append(contentsOf: $0) }
    try data.write(to: URL(fileURLWithPath: path))
  }
}

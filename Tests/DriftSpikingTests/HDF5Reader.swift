import CHDF5
import Foundation
import Testing

/// Reads datasets of a file back. What is not there or of another type reads as nothing.
final class HDF5Reader {
  private let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).nir").path
  private let file: hid_t

  init(_ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    file = chdf5_open(path)
    try #require(file >= 0)
  }

  deinit {
    H5Fclose(file)
    unlink(path)
  }

  func shape(_ name: String) -> [Int] {
    read(name) { _, shape in shape } ?? []
  }

  func floats(_ name: String) -> [Float] {
    read(name) { dataset, shape in
      var values = [Float](repeating: .nan, count: shape.reduce(1, *))
      return H5Dread(dataset, chdf5_float32(), 0, 0, 0, &values) >= 0 ? values : []
    } ?? []
  }

  func integers(_ name: String) -> [Int64] {
    read(name) { dataset, shape in
      var values = [Int64](repeating: .min, count: shape.reduce(1, *))
      return H5Dread(dataset, chdf5_int64(), 0, 0, 0, &values) >= 0 ? values : []
    } ?? []
  }

  func strings(_ name: String) -> [String] {
    read(name) { dataset, shape in
      let type = H5Dget_type(dataset)
      defer { H5Tclose(type) }
      guard H5Tis_variable_str(type) > 0 else { return [] }
      var values = [UnsafeMutablePointer<CChar>?](repeating: nil, count: shape.reduce(1, *))
      guard H5Dread(dataset, type, 0, 0, 0, &values) >= 0 else { return [] }
      defer { for value in values { H5free_memory(value) } }
      return values.compactMap { $0.map { String(cString: $0) } }
    } ?? []
  }

  private func read<Result>(_ name: String, _ body: (hid_t, [Int]) -> Result) -> Result? {
    let dataset = H5Dopen2(file, name, 0)
    guard dataset >= 0 else { return nil }
    defer { H5Dclose(dataset) }
    let space = H5Dget_space(dataset)
    defer { H5Sclose(space) }
    var lengths = [hsize_t](repeating: 0, count: Int(max(H5Sget_simple_extent_ndims(space), 0)))
    H5Sget_simple_extent_dims(space, &lengths, nil)
    return body(dataset, lengths.map(Int.init))
  }
}

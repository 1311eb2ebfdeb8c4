import CHDF5
import DriftGraph
import Synchronization

/// Writes datasets into an HDF5 file in memory. Groups appear with the paths that name them.
struct HDF5File {
  /// The library keeps state that calls from several threads would damage.
  private static let library = Mutex(())

  private let file: hid_t
  private let links: hid_t
  private let datasets: hid_t

  /// The bytes of a file that `fill` writes.
  static func bytes(_ fill: (HDF5File) throws(NIRError) -> Void) throws(NIRError) -> [UInt8] {
    try library.withLock { _ throws(NIRError) in
      chdf5_be_quiet()
      let access = try identifier(H5Pcreate(chdf5_file_access()), "begin a file")
      defer { H5Pclose(access) }
      // In memory, growing by a mebibyte, never on a disk.
      try check(H5Pset_fapl_core(access, 1 << 20, false), "begin a file")
      let file = try identifier(chdf5_create("graph.nir", access), "begin a file")
      defer { H5Fclose(file) }
      let links = try identifier(H5Pcreate(chdf5_link_creation()), "begin a file")
      defer { H5Pclose(links) }
      try check(H5Pset_create_intermediate_group(links, 1), "begin a file")
      let datasets = try identifier(H5Pcreate(chdf5_dataset_creation()), "begin a file")
      defer { H5Pclose(datasets) }
      // Times would make two files of the same graph differ.
      try check(H5Pset_obj_track_times(datasets, false), "begin a file")
      try fill(HDF5File(file: file, links: links, datasets: datasets))
      try check(H5Fflush(file, H5F_SCOPE_GLOBAL), "complete a file")
      let size = H5Fget_file_image(file, nil, 0)
      guard size > 0 else { throw NIRError.library(operation: "complete a file") }
      var bytes = [UInt8](repeating: 0, count: size)
      guard H5Fget_file_image(file, &bytes, size) == size else { throw NIRError.library(operation: "complete a file") }
      return bytes
    }
  }

  /// A float32 array.
  func write(_ values: [Float], shape: [Int], at path: String) throws(NIRError) {
    try create(path, chdf5_file_float32(), shape: shape) { dataset in
      values.withUnsafeBufferPointer { H5Dwrite(dataset, chdf5_float32(), 0, 0, 0, $0.baseAddress) }
    }
  }

  /// A float32 array of the shape [channels, height, width] whose values are all the same.
  func write(filled value: Float, _ shape: Shape, at path: String) throws(NIRError) {
    try write(
      [Float](repeating: value, count: shape.count), shape: [shape.channels, shape.height, shape.width], at: path)
  }

  /// A vector of int64.
  func write(integers: [Int], at path: String) throws(NIRError) {
    try create(path, chdf5_file_int64(), shape: [integers.count]) { dataset in
      integers.map(Int64.init).withUnsafeBufferPointer { H5Dwrite(dataset, chdf5_int64(), 0, 0, 0, $0.baseAddress) }
    }
  }

  /// One int64.
  func write(integer: Int, at path: String) throws(NIRError) {
    try create(path, chdf5_file_int64(), shape: []) { dataset in
      withUnsafePointer(to: Int64(integer)) { H5Dwrite(dataset, chdf5_int64(), 0, 0, 0, $0) }
    }
  }

  /// One string.
  func write(_ text: String, at path: String) throws(NIRError) {
    try write(strings: [text], shape: [], at: path)
  }

  /// Rows of two strings.
  func write(pairs: [[String]], at path: String) throws(NIRError) {
    try write(strings: pairs.flatMap(\.self), shape: [pairs.count, 2], at: path)
  }

  private func write(strings: [String], shape: [Int], at path: String) throws(NIRError) {
    let type = try Self.identifier(H5Tcopy(chdf5_c_string()), "write \(path)")
    defer { H5Tclose(type) }
    // H5T_VARIABLE, the largest size_t: strings of any length.
    try Self.check(H5Tset_size(type, -1), "write \(path)")
    try Self.check(H5Tset_cset(type, H5T_CSET_UTF8), "write \(path)")
    // Strings lie one behind the other, each with its final 0.
    var text: [CChar] = []
    var starts: [Int] = []
    for string in strings {
      starts.append(text.count)
      text += string.utf8CString
    }
    try create(path, type, shape: shape) { dataset in
      text.withUnsafeBufferPointer { text in
        let pointers = starts.map { text.baseAddress?.advanced(by: $0) }
        return pointers.withUnsafeBufferPointer { H5Dwrite(dataset, type, 0, 0, 0, $0.baseAddress) }
      }
    }
  }

  /// Creates a dataset and has it written; a shape without dimensions is one value.
  private func create(_ path: String, _ type: hid_t, shape: [Int], write: (hid_t) -> herr_t) throws(NIRError) {
    let lengths = shape.map { hsize_t($0) }
    let space = try Self.identifier(
      shape.isEmpty ? H5Screate(H5S_SCALAR) : H5Screate_simple(Int32(shape.count), lengths, nil), "write \(path)")
    defer { H5Sclose(space) }
    let dataset = try Self.identifier(H5Dcreate2(file, path, type, space, links, datasets, 0), "write \(path)")
    defer { H5Dclose(dataset) }
    try Self.check(write(dataset), "write \(path)")
  }

  private static func identifier(_ value: hid_t, _ operation: String) throws(NIRError) -> hid_t {
    guard value >= 0 else { throw .library(operation: operation) }
    return value
  }

  private static func check(_ status: herr_t, _ operation: String) throws(NIRError) {
    guard status >= 0 else { throw .library(operation: operation) }
  }
}

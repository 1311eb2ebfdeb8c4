import Foundation

extension NPYArray {
  private static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]

  /// Reads a little-endian `.npy` file of float32, float64, int32 or int64 in row-major order (format versions 1 to 3).
  public static func read(_ path: String) throws(ImportError) -> NPYArray {
    let bytes = try FileBytes.read(path)
    guard bytes.count >= 10, Array(bytes[0..<6]) == magic else { throw ImportError(path, "is not a NumPy .npy file") }
    let wide = bytes[6] >= 2
    let start = wide ? 12 : 10
    guard (1...3).contains(bytes[6]), bytes.count >= start else {
      throw ImportError(path, "is a .npy file of version \(bytes[6]).\(bytes[7]); versions 1 to 3 can be read")
    }
    var headerLength = Int(bytes[8]) | Int(bytes[9]) << 8
    if wide { headerLength |= Int(bytes[10]) << 16 | Int(bytes[11]) << 24 }
    guard headerLength <= bytes.count - start else { throw ImportError(path, "ends within its header") }
    let header = String(decoding: bytes[start..<start + headerLength], as: UTF8.self)
    let (descriptor, shape) = try parse(header, path)
    var count = 1
    for length in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      guard length >= 0, !overflow else { throw ImportError(path, "declares the impossible shape \(shape)") }
      count = product
    }
    let size: Int
    switch descriptor {
    case "<f4", "<i4": size = 4
    case "<f8", "<i8": size = 8
    default:
      throw ImportError(path, "holds values of type '\(descriptor)'; float32, float64, int32 and int64 (little-endian) can be read")
    }
    let data = bytes[(start + headerLength)...]
    let (expected, overflow) = count.multipliedReportingOverflow(by: size)
    guard !overflow, data.count == expected else {
      throw ImportError(
        path,
        "declares shape \(shape) of '\(descriptor)', which takes \(overflow ? "too many" : "\(expected)") bytes; it has \(data.count)"
      )
    }
    let elements: Elements = data.withUnsafeBytes { raw in
      switch descriptor {
      case "<f4": .float32((0..<count).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) })
      case "<f8": .float64((0..<count).map { raw.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) })
      case "<i4": .int64((0..<count).map { Int64(raw.loadUnaligned(fromByteOffset: 4 * $0, as: Int32.self)) })
      default: .int64((0..<count).map { raw.loadUnaligned(fromByteOffset: 8 * $0, as: Int64.self) })
      }
    }
    return NPYArray(shape: shape, elements: elements)
  }

  /// The bytes of a `.npy` file of version 1.
  public func encoded() -> [UInt8] {
    let descriptor =
      switch elements {
      case .float32: "<f4"
      case .float64: "<f8"
      case .int64: "<i8"
      }
    let dimensions = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var header = "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': (\(dimensions)), }"
    // The values start at a multiple of 64; the header ends with a newline.
    header += String(repeating: " ", count: (64 - (10 + header.utf8.count + 1) % 64) % 64) + "\n"
    var bytes = Self.magic + [1, 0, UInt8(header.utf8.count & 0xFF), UInt8(header.utf8.count >> 8)]
    bytes += Array(header.utf8)
    switch elements {
    case .float32(let values): values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    case .float64(let values): values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    case .int64(let values): values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }
    return bytes
  }

  /// Writes `encoded()` to a regular file, which appears whole or not at all.
  public func write(_ path: String) throws(ImportError) {
    do { try Data(encoded()).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
      throw ImportError(path, "cannot be written: \(FileBytes.reason(error))")
    }
  }

  /// Reads the Python dictionary of the header: its type descriptor and shape.
  private static func parse(_ header: String, _ path: String) throws(ImportError) -> (descriptor: String, shape: [Int]) {
    func value(_ key: String) throws(ImportError) -> Substring {
      guard let range = header.range(of: "'\(key)':") else { throw ImportError(path, "has no '\(key)' in its header") }
      return header[range.upperBound...].drop { $0 == " " }
    }
    let descriptor = try value("descr")
    guard descriptor.first == "'", let end = descriptor.dropFirst().firstIndex(of: "'") else {
      throw ImportError(path, "holds structured values; float32, float64, int32 and int64 can be read")
    }
    guard try value("fortran_order").hasPrefix("False") else {
      throw ImportError(path, "is stored in column-major order; save it with numpy.ascontiguousarray")
    }
    let tuple = try value("shape")
    guard tuple.first == "(", let close = tuple.firstIndex(of: ")") else { throw ImportError(path, "has no shape in its header") }
    var shape: [Int] = []
    for part in tuple[tuple.index(after: tuple.startIndex)..<close].split(separator: ",") {
      let trimmed = part.trimmingCharacters(in: .whitespaces)
      if trimmed.isEmpty { continue }
      guard let length = Int(trimmed) else { throw ImportError(path, "has the unreadable length '\(trimmed)' in its shape") }
      shape.append(length)
    }
    return (String(descriptor[descriptor.index(after: descriptor.startIndex)..<end]), shape)
  }
}

import DriftGraph
import Foundation

/// A `.safetensors` file, opened and checked as a whole: every byte of it belongs to exactly one tensor or to the header.
struct SafetensorsFile: TensorSource {
  /// Number formats that can be read; all become float32.
  enum Format: String, CaseIterable {
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"
    // Counters such as num_batches_tracked lie beside the weights.
    case int64 = "I64"
    case int32 = "I32"
    case int16 = "I16"
    case int8 = "I8"
    case uint8 = "U8"
    case bool = "BOOL"

    /// The same in the list of all formats.
    var stored: TensorFormat {
      switch self {
      case .float32: .float32
      case .float16: .float16
      case .bfloat16: .bfloat16
      case .int64: .int64
      case .int32: .int32
      case .int16: .int16
      case .int8: .int8
      case .uint8: .uint8
      case .bool: .bool
      }
    }

    var bytes: Int { stored.bytes }
  }

  /// Where a tensor lies in the file.
  struct Entry {
    var format: Format
    var shape: [Int]
    /// Bytes from the start of the data.
    var range: Range<Int>
  }

  let path: String
  /// Tensors by name.
  let entries: [String: Entry]
  private let data: Data

  /// The library that made the format caps its headers at the same length.
  private static let longestHeader: UInt64 = 100_000_000

  init(_ path: String) throws(ImportError) {
    self.path = path
    let file = try FileBytes.map(path)
    guard file.count >= 8 else { throw ImportError(path, "has \(file.count) bytes, too few for a safetensors file") }
    let length = file.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    guard length <= Self.longestHeader else {
      throw ImportError(path, "declares a header of \(length) bytes, more than a safetensors file may have (\(Self.longestHeader))")
    }
    guard Int(length) <= file.count - 8 else {
      throw ImportError(path, "is cut off: its header should have \(length) bytes, \(file.count - 8) follow")
    }
    let header = Array(file[file.startIndex + 8..<file.startIndex + 8 + Int(length)])
    guard header.first == UInt8(ascii: "{") else {
      throw ImportError(path, "is not a safetensors file: its header does not begin with '{'")
    }
    data = file.dropFirst(8 + Int(length))
    entries = try Self.entries(of: try JSONParser.object(of: header, path), dataLength: data.count, path)
  }

  var names: [String] { Array(entries.keys) }

  func shape(of name: String) -> [Int]? { entries[name]?.shape }

  /// Values of a tensor as float32. NaN and infinity are refused.
  func parameter(_ name: String) throws(ImportError) -> Parameter {
    guard let entry = entries[name] else { throw ImportError(path, "has no tensor '\(name)'") }
    let stored = StridedValues(format: entry.format.stored, contiguous: entry.shape)
    let values = data.dropFirst(entry.range.lowerBound).prefix(entry.range.count).withUnsafeBytes { stored.gather(from: $0) }
    if let bad = values.firstIndex(where: { !$0.isFinite }) {
      throw ImportError(
        path, "tensor '\(name)' holds \(values[bad]) at index \(bad): the training run broke or the file is damaged")
    }
    return Parameter(shape: entry.shape, values: values)
  }

  /// Checks the header against the format's rules.
  private static func entries(of header: JSONObject, dataLength: Int, _ path: String) throws(ImportError) -> [String: Entry] {
    var entries: [String: Entry] = [:]
    for (name, value) in header.members {
      if name == "__metadata__" {
        guard case .object(let metadata) = value,
          metadata.members.allSatisfy({ if case .string = $0.value { true } else { false } })
        else {
          throw ImportError(path, "'__metadata__' is not an object of strings")
        }
        continue
      }
      entries[name] = try entry(name, value, path)
    }
    var position = 0
    // Empty tensors begin where the next one does, hence the second criterion.
    func precedes(_ one: Entry, _ other: Entry) -> Bool {
      (one.range.lowerBound, one.range.upperBound) < (other.range.lowerBound, other.range.upperBound)
    }
    for (name, entry) in entries.sorted(by: { precedes($0.value, $1.value) }) {
      guard entry.range.lowerBound == position else {
        throw ImportError(
          path,
          "tensor '\(name)' begins at byte \(entry.range.lowerBound) of the data, expected \(position): tensors must follow each other"
        )
      }
      position = entry.range.upperBound
    }
    guard position == dataLength else {
      let relation = position > dataLength ? "is cut off" : "is too long"
      throw ImportError(path, "\(relation): its tensors take \(position) bytes, it holds \(dataLength)")
    }
    return entries
  }

  private static func entry(_ name: String, _ value: JSONValue, _ path: String) throws(ImportError) -> Entry {
    guard case .object(let object) = value else { throw ImportError(path, "tensor '\(name)' is described by \(value.description)") }
    var reader = ConfigReader(object, path: "\(path): tensor '\(name)'")
    let format: Format = try reader.choice("dtype")
    let shape = try reader.optionalIntegers("shape", in: 0...Int(Int32.max))
    let offsets = try reader.optionalIntegers("data_offsets", in: 0...Int.max)
    try reader.refuseOthers(in: "the keys of a tensor")
    guard let shape, let offsets, offsets.count == 2, offsets[0] <= offsets[1] else {
      throw ImportError(path, "tensor '\(name)' needs a 'shape' and two ascending 'data_offsets'")
    }
    var bytes = format.bytes
    for length in shape {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: length)
      guard !overflow else { throw ImportError(path, "tensor '\(name)' has the impossible shape \(shape)") }
      bytes = product
    }
    guard bytes == offsets[1] - offsets[0] else {
      throw ImportError(
        path,
        "tensor '\(name)' of shape \(shape) in \(format.rawValue) takes \(bytes) bytes, its data_offsets give \(offsets[1] - offsets[0])"
      )
    }
    return Entry(format: format, shape: shape, range: offsets[0]..<offsets[1])
  }
}

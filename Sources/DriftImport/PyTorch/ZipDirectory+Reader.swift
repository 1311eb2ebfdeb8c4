extension ZipDirectory {
  /// Little-endian fields of the file, each checked to lie inside of it.
  struct Reader {
    let bytes: UnsafeRawBufferPointer
    let path: String

    private func load<Field: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, _ type: Field.Type) throws(ImportError) -> Field {
      guard offset >= 0, offset <= bytes.count - MemoryLayout<Field>.size else {
        throw ImportError(path, "is cut off: a zip record at byte \(offset) lies outside of its \(bytes.count) bytes")
      }
      return Field(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Field.self))
    }

    func u16(_ offset: Int) throws(ImportError) -> UInt16 { try load(offset, UInt16.self) }
    func u32(_ offset: Int) throws(ImportError) -> UInt32 { try load(offset, UInt32.self) }
    func u64(_ offset: Int) throws(ImportError) -> UInt64 { try load(offset, UInt64.self) }

    /// The name of an entry. Names that would lead out of a folder are refused although nothing is ever unpacked.
    func name(_ offset: Int, _ length: Int) throws(ImportError) -> String {
      guard offset <= bytes.count - length else { throw ImportError(path, "is cut off in the name of a zip entry") }
      guard let name = String(validating: bytes[offset..<offset + length], as: UTF8.self) else {
        throw ImportError(path, "has a zip entry at byte \(offset) whose name is not UTF-8")
      }
      let parts = name.split(separator: "/", omittingEmptySubsequences: false)
      guard !name.isEmpty, !name.hasPrefix("/"), !parts.contains(".."), !name.utf8.contains(0), !name.contains("\\") else {
        throw ImportError(path, "has a zip entry of the unsafe name '\(name.escaped)'")
      }
      return name
    }

    /// Replaces the fields that do not fit 32 bits (size, stored size, place) by those of the zip64 extra field, which are in this order.
    func extend(_ fields: inout [UInt64], _ start: Int, _ length: Int, _ name: String) throws(ImportError) {
      var position = start
      while position + 4 <= start + length {
        let (tag, size) = (try u16(position), Int(try u16(position + 2)))
        position += 4
        guard tag == 1 else {
          position += size
          continue
        }
        let end = position + size
        guard end <= start + length else { break }
        for index in fields.indices where fields[index] == 0xFFFF_FFFF {
          guard position + 8 <= end else {
            throw ImportError(path, "is damaged: the zip64 field of its entry '\(name)' is too short")
          }
          fields[index] = try u64(position)
          position += 8
        }
        return
      }
      throw ImportError(path, "is damaged: its entry '\(name)' lacks the zip64 field that its sizes refer to")
    }
  }
}

extension String {
  /// Shortened and without control characters, for error messages.
  var escaped: String {
    String(prefix(120).map { $0.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 } ? $0 : "?" })
  }
}

import DriftFormat

/// Changes single fields of an encoded file and makes its checksums right again, so that an edit reaches the rule that it breaks.
public struct FileEditor {
  /// The file as it is now.
  public var bytes: [UInt8]

  /// Starts from a valid file.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Byte offset of a section's record in the section table.
  public func tableEntry(_ kind: drift_section_kind) -> Int {
    for index in 0..<sectionCount where entry(index).kind == kind.rawValue { return Self.tableStart + index * 40 }
    return 0
  }

  /// A section as the table has it.
  public func section(_ kind: drift_section_kind) -> drift_section {
    load(drift_section.self, at: tableEntry(kind))
  }

  /// Byte offset of a field of a record.
  public func offset(_ kind: drift_section_kind, _ record: Int = 0, _ field: Int = 0) -> Int {
    let section = section(kind)
    return Int(section.offset) + record * Int(section.record_bytes) + field
  }

  /// Sections as the header counts them, but no more than fit the file.
  public var sectionCount: Int {
    guard bytes.count >= Self.tableStart else { return 0 }
    return min(Int(load(UInt32.self, at: DRIFT_AT_header_section_count)), (bytes.count - Self.tableStart) / 40, 64)
  }

  /// A value anywhere in the file.
  public func load<Value>(_ type: Value.Type, at offset: Int) -> Value {
    bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: type) }
  }

  /// Writes a value anywhere, checksums untouched.
  public mutating func store<Value>(_ value: Value, at offset: Int) {
    withUnsafeBytes(of: value) { bytes.replaceSubrange(offset..<offset + $0.count, with: $0) }
  }

  /// Writes a field of a record.
  public mutating func set<Value>(_ kind: drift_section_kind, _ record: Int, _ field: Int, _ value: Value) {
    store(value, at: offset(kind, record, field))
  }

  /// Recomputes the checksums of all sections that lie inside the file, and the header's.
  public mutating func fixChecksums() {
    for index in 0..<sectionCount {
      let section = entry(index)
      guard section.offset <= UInt64(bytes.count), section.length <= UInt64(bytes.count) - section.offset else { continue }
      let range = Int(section.offset)..<Int(section.offset) + Int(section.length)
      let checksum = bytes.withUnsafeBytes { FileChecksum.of(UnsafeRawBufferPointer(rebasing: $0[range])) }
      store(checksum, at: Self.tableStart + index * 40 + DRIFT_AT_section_checksum)
    }
    fixHeader()
  }

  /// Recomputes the header's checksum.
  public mutating func fixHeader() {
    let count = UInt32(sectionCount)
    guard bytes.count >= Self.tableStart else { return }
    let checksum = bytes.withUnsafeBytes { FileChecksum.ofHeader($0, sectionCount: count) }
    store(checksum, at: DRIFT_AT_header_header_checksum)
  }

  /// Inserts whole lines of 64 bytes into a section at a position from its start; everything behind moves.
  public mutating func insert(_ inserted: [UInt8], into kind: drift_section_kind, at position: Int) {
    let start = Int(section(kind).offset)
    bytes.insert(contentsOf: inserted, at: start + position)
    for index in 0..<sectionCount where entry(index).offset > UInt64(start) {
      let place = Self.tableStart + index * 40 + DRIFT_AT_section_offset
      store(entry(index).offset + UInt64(inserted.count), at: place)
    }
    store(UInt64(bytes.count), at: DRIFT_AT_header_file_length)
  }

  /// Adds a section behind all others. Its record must lie where it will be once the table has grown by a line of 64 bytes.
  public mutating func appendSection(_ section: drift_section, contents: [UInt8]) {
    let count = sectionCount
    let first = Int(entry(0).offset)
    // The table ends within the line before the first section; one more line always holds one more record.
    bytes.insert(contentsOf: [UInt8](repeating: 0, count: 64), at: first)
    for index in 0..<count {
      store(entry(index).offset + 64, at: Self.tableStart + index * 40 + DRIFT_AT_section_offset)
    }
    store(section, at: Self.tableStart + count * 40)
    store(UInt32(count + 1), at: DRIFT_AT_header_section_count)
    bytes += contents
    store(UInt64(bytes.count), at: DRIFT_AT_header_file_length)
  }

  private func entry(_ index: Int) -> drift_section {
    load(drift_section.self, at: Self.tableStart + index * 40)
  }

  private static let tableStart = Int(DRIFT_HEADER_BYTES)
}

extension FileEditor {
  /// Index of the record with a name: a program, tensor, operator or constant.
  public func index(_ kind: drift_section_kind, _ name: String) -> Int {
    let section = section(kind)
    let field = kind == DRIFT_SECTION_PROGRAMS || kind == DRIFT_SECTION_TENSORS || kind == DRIFT_SECTION_CONSTANTS ? 0 : 4
    for record in 0..<Int(section.count) where string(at: load(UInt32.self, at: offset(kind, record, field))) == name {
      return record
    }
    fatalError("no record is called \(name)")
  }

  private func string(at offset: UInt32) -> String {
    let start = self.offset(DRIFT_SECTION_STRINGS, Int(offset))
    return String(decoding: bytes[start...].prefix { $0 != 0 }, as: UTF8.self)
  }

  /// A record.
  public func record<Record>(_ kind: drift_section_kind, _ index: Int, as type: Record.Type) -> Record {
    load(type, at: offset(kind, index))
  }

  /// Byte offset of a constant's contents.
  public func data(_ constant: String) -> Int {
    let record = record(DRIFT_SECTION_CONSTANTS, index(DRIFT_SECTION_CONSTANTS, constant), as: drift_constant.self)
    return offset(DRIFT_SECTION_DATA, Int(record.offset))
  }
}

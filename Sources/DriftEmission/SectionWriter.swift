import DriftFormat

/// Puts sections one behind the other, then the header and section table in front of them.
struct SectionWriter {
  private var table: [drift_section] = []
  private var body: [UInt8] = []
  private let bodyStart: Int

  init(sectionCount: Int) {
    let front = Int(DRIFT_HEADER_BYTES) + sectionCount * MemoryLayout<drift_section>.size
    bodyStart = Self.aligned(front)
  }

  /// Adds a section of records.
  mutating func add<Record>(_ kind: drift_section_kind, _ records: [Record]) {
    records.withUnsafeBytes { add(kind, recordBytes: MemoryLayout<Record>.stride, count: records.count, $0) }
  }

  private mutating func add(_ kind: drift_section_kind, recordBytes: Int, count: Int, _ bytes: UnsafeRawBufferPointer) {
    var section = drift_section()
    section.kind = kind.rawValue
    section.record_bytes = UInt32(recordBytes)
    section.count = UInt64(count)
    section.offset = UInt64(bodyStart + body.count)
    section.length = UInt64(bytes.count)
    section.checksum = FileChecksum.of(bytes)
    table.append(section)
    body.append(contentsOf: bytes)
    body.append(contentsOf: repeatElement(0, count: Self.aligned(body.count) - body.count))
  }

  /// The whole file.
  func file(requiredFeatures: UInt64) -> [UInt8] {
    var header = drift_header()
    header.magic = (0x89, 0x44, 0x52, 0x49, 0x46, 0x54, 0x0D, 0x0A)
    header.byte_order = UInt32(DRIFT_BYTE_ORDER)
    header.version_major = UInt16(DRIFT_VERSION_MAJOR)
    header.version_minor = UInt16(DRIFT_VERSION_MINOR)
    header.file_length = UInt64(bodyStart + body.count)
    header.required_features = requiredFeatures
    header.section_count = UInt32(table.count)
    var file: [UInt8] = []
    file.reserveCapacity(bodyStart + body.count)
    withUnsafeBytes(of: header) { file.append(contentsOf: $0) }
    table.withUnsafeBytes { file.append(contentsOf: $0) }
    file.append(contentsOf: repeatElement(0, count: bodyStart - file.count))
    file.append(contentsOf: body)
    let checksum = file.withUnsafeBytes { FileChecksum.ofHeader($0, sectionCount: UInt32(table.count)) }
    withUnsafeBytes(of: checksum) { bytes in
      file.replaceSubrange(DRIFT_AT_header_header_checksum..<DRIFT_AT_header_header_checksum + 4, with: bytes)
    }
    return file
  }

  static func aligned(_ count: Int) -> Int {
    Int(UInt64(count).roundedUp(to: UInt64(DRIFT_ALIGNMENT)))
  }
}

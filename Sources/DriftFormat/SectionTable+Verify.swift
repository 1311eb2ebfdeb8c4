import CDriftFormat

extension SectionTable {
  /// Rules 100 to 133: everything that can be said about a file without looking into a record.
  init(verifying bytes: UnsafeRawBufferPointer) throws(DriftError) {
    let header = try Self.header(of: bytes)
    let sections = UnsafeBufferPointer(
      start: (bytes.baseAddress.unsafelyUnwrapped + Int(DRIFT_HEADER_BYTES)).assumingMemoryBound(to: drift_section.self),
      count: Int(header.section_count))
    self.init(bytes: bytes, sections: sections)
    try verifyRecords()
    try verifyPlacement()
    try verifyChecksums()
  }

  /// Checks the header and returns it, once the section table that it announces lies inside the file and both are undamaged.
  private static func header(of bytes: UnsafeRawBufferPointer) throws(DriftError) -> drift_header {
    let length = UInt64(bytes.count)
    guard let base = bytes.baseAddress, length >= UInt64(DRIFT_HEADER_BYTES) else {
      throw DriftError(.fileTooShort, expected: UInt64(DRIFT_HEADER_BYTES), found: length)
    }
    let misalignment = UInt(bitPattern: base) % UInt(DRIFT_ALIGNMENT)
    guard misalignment == 0 else { throw DriftError(.fileMisaligned, expected: 0, found: UInt64(misalignment)) }

    let magic = FormatLimits.magic
    let found = UInt64(littleEndian: base.load(as: UInt64.self))
    guard found == magic else { throw DriftError(.magicMismatch, expected: magic, found: found) }

    let header = base.load(as: drift_header.self)
    guard header.byte_order == UInt32(DRIFT_BYTE_ORDER) else {
      throw DriftError(
        .byteOrderMismatch, offset: UInt64(DRIFT_AT_header_byte_order), expected: UInt64(DRIFT_BYTE_ORDER),
        found: UInt64(header.byte_order))
    }
    guard header.version_major == UInt16(DRIFT_VERSION_MAJOR) else {
      throw DriftError(
        .versionUnsupported, offset: UInt64(DRIFT_AT_header_version_major), expected: UInt64(DRIFT_VERSION_MAJOR),
        found: UInt64(header.version_major))
    }
    guard header.file_length == length else {
      throw DriftError(
        .fileLengthMismatch, offset: UInt64(DRIFT_AT_header_file_length), expected: header.file_length, found: length)
    }
    guard header.section_count >= 1, header.section_count <= FormatLimits.sections,
      UInt64(DRIFT_HEADER_BYTES) + UInt64(header.section_count) * UInt64(MemoryLayout<drift_section>.size) <= length
    else {
      throw DriftError(
        .sectionCountOutOfRange, offset: UInt64(DRIFT_AT_header_section_count), expected: UInt64(FormatLimits.sections),
        found: UInt64(header.section_count))
    }
    let checksum = FileChecksum.ofHeader(bytes, sectionCount: header.section_count)
    guard header.header_checksum == checksum else {
      throw DriftError(
        .headerChecksumMismatch, offset: UInt64(DRIFT_AT_header_header_checksum), expected: UInt64(checksum),
        found: UInt64(header.header_checksum))
    }
    if let offset = bytes.firstNonzero(from: DRIFT_AT_header_reserved, to: Int(DRIFT_HEADER_BYTES)) {
      throw DriftError(.headerReservedNotZero, offset: UInt64(offset), found: UInt64(bytes[offset]))
    }
    let known = UInt64(DRIFT_FEATURE_KEPT_TENSORS.rawValue | DRIFT_FEATURE_SPIKING.rawValue)
    guard header.required_features & ~known == 0 else {
      throw DriftError(
        .featureUnknown, offset: UInt64(DRIFT_AT_header_required_features), expected: known, found: header.required_features)
    }
    return header
  }

  /// Each section record by itself, and that every kind occurs once.
  private func verifyRecords() throws(DriftError) {
    var seen: UInt32 = 0
    for index in 0..<sections.count {
      let section = sections[index]
      guard section.reserved == 0 else {
        throw error(.sectionReservedNotZero, index, DRIFT_AT_section_reserved, found: UInt64(section.reserved))
      }
      let size = Self.recordBytes(ofKind: section.kind)
      if section.kind & 0x8000_0000 == 0 {
        guard let size else {
          throw error(.sectionKindUnknown, index, DRIFT_AT_section_kind, found: UInt64(section.kind))
        }
        guard section.record_bytes == size else {
          throw error(
            .sectionRecordSizeMismatch, index, DRIFT_AT_section_record_bytes, expected: UInt64(size),
            found: UInt64(section.record_bytes))
        }
        if section.kind == DRIFT_SECTION_MODEL.rawValue, section.count != 1 {
          throw error(.recordCountOutOfRange, index, DRIFT_AT_section_count, expected: 1, found: section.count)
        }
        seen |= 1 &<< section.kind
      }
      for earlier in 0..<index where sections[earlier].kind == section.kind {
        throw error(.sectionDuplicate, index, DRIFT_AT_section_kind, found: UInt64(section.kind))
      }
      let (length, overflow) = section.count.multipliedReportingOverflow(by: UInt64(section.record_bytes))
      guard !overflow, length == section.length else {
        throw error(.sectionLengthMismatch, index, DRIFT_AT_section_length, expected: length, found: section.length)
      }
    }
    for kind in DRIFT_SECTION_MODEL.rawValue...DRIFT_SECTION_METADATA.rawValue where seen & (1 &<< kind) == 0 {
      throw DriftError(
        .sectionMissing, offset: UInt64(DRIFT_AT_header_section_count), expected: UInt64(kind), found: UInt64(sections.count))
    }
  }

  /// Sections lie one behind the other, with nothing but zeros between them and up to the end of the file.
  private func verifyPlacement() throws(DriftError) {
    let length = UInt64(bytes.count)
    var end = UInt64(DRIFT_HEADER_BYTES + sections.count * MemoryLayout<drift_section>.size)
    for index in 0..<sections.count {
      let section = sections[index]
      guard section.offset % UInt64(DRIFT_ALIGNMENT) == 0 else {
        throw error(
          .sectionMisaligned, index, DRIFT_AT_section_offset, expected: UInt64(DRIFT_ALIGNMENT), found: section.offset)
      }
      guard section.length <= length, section.offset <= length - section.length else {
        throw error(.sectionOutOfBounds, index, DRIFT_AT_section_offset, expected: length, found: section.offset)
      }
      guard section.offset >= end else {
        throw error(.sectionsOverlap, index, DRIFT_AT_section_offset, expected: end, found: section.offset)
      }
      guard section.offset - end < UInt64(DRIFT_ALIGNMENT) else {
        throw error(.sectionGap, index, DRIFT_AT_section_offset, expected: end, found: section.offset)
      }
      try verifyZero(from: end, to: section.offset)
      end = section.offset + section.length
    }
    let rounded = end.roundedUp(to: UInt64(DRIFT_ALIGNMENT))
    guard rounded == length else {
      throw DriftError(
        .sectionGap, offset: UInt64(DRIFT_AT_header_file_length), expected: rounded, found: length)
    }
    try verifyZero(from: end, to: length)
  }

  private func verifyZero(from start: UInt64, to end: UInt64) throws(DriftError) {
    if let offset = bytes.firstNonzero(from: Int(truncatingIfNeeded: start), to: Int(truncatingIfNeeded: end)) {
      throw DriftError(.paddingNotZero, offset: UInt64(offset), found: UInt64(bytes[offset]))
    }
  }

  private func verifyChecksums() throws(DriftError) {
    for index in 0..<sections.count {
      let section = sections[index]
      let start = Int(truncatingIfNeeded: section.offset)
      let body = UnsafeRawBufferPointer(rebasing: bytes[start..<start + Int(truncatingIfNeeded: section.length)])
      let checksum = FileChecksum.of(body)
      guard section.checksum == checksum else {
        throw error(
          .sectionChecksumMismatch, index, DRIFT_AT_section_checksum, expected: UInt64(checksum),
          found: UInt64(section.checksum))
      }
    }
  }

  private func error(
    _ code: DriftErrorCode, _ index: Int, _ field: Int, expected: UInt64 = 0, found: UInt64
  ) -> DriftError {
    let offset = Int(DRIFT_HEADER_BYTES) + index * MemoryLayout<drift_section>.size + field
    return DriftError(code, offset: UInt64(offset), expected: expected, found: found)
  }

  /// Size of one record of a section, or nil for a kind that this version does not know.
  static func recordBytes(ofKind kind: UInt32) -> UInt32? {
    switch kind {
    case DRIFT_SECTION_MODEL.rawValue: UInt32(MemoryLayout<drift_model>.size)
    case DRIFT_SECTION_PROGRAMS.rawValue: UInt32(MemoryLayout<drift_program>.size)
    case DRIFT_SECTION_TENSORS.rawValue: UInt32(MemoryLayout<drift_tensor>.size)
    case DRIFT_SECTION_OPERATORS.rawValue: UInt32(MemoryLayout<drift_operator>.size)
    case DRIFT_SECTION_CONSTANTS.rawValue: UInt32(MemoryLayout<drift_constant>.size)
    case DRIFT_SECTION_STEPS.rawValue: UInt32(MemoryLayout<drift_step>.size)
    case DRIFT_SECTION_QUANTIZATION.rawValue: UInt32(MemoryLayout<drift_quantization>.size)
    case DRIFT_SECTION_STEP_TABLE.rawValue: 2
    case DRIFT_SECTION_STRINGS.rawValue, DRIFT_SECTION_DATA.rawValue: 1
    case DRIFT_SECTION_METADATA.rawValue: UInt32(MemoryLayout<drift_metadata>.size)
    default: nil
    }
  }
}

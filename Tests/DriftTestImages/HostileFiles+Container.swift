import DriftFormat

extension HostileFiles {
  mutating func addHeaders() {
    add("empty", .fileTooShort, at: 0, [])
    add("header-cut", .fileTooShort, at: 0, Array(minimal[..<127]))
    edit("first-byte", .magicMismatch, minimal) {
      $0.store(UInt8(0x88), at: 0); return 0
    }
    add("newlines-translated", .magicMismatch, at: 0, Array(minimal[..<6] + minimal[7...]))
    edit("big-endian", .byteOrderMismatch, minimal) { editor in
      editor.store(UInt32(DRIFT_BYTE_ORDER).byteSwapped, at: DRIFT_AT_header_byte_order)
      return DRIFT_AT_header_byte_order
    }
    for version in [0, 2, 65535] as [UInt16] {
      edit("major-\(version)", .versionUnsupported, minimal) { editor in
        editor.store(version, at: DRIFT_AT_header_version_major)
        return DRIFT_AT_header_version_major
      }
    }
    let length = DRIFT_AT_header_file_length
    add("cut-in-half", .fileLengthMismatch, at: length, Array(minimal[..<(minimal.count / 2)]))
    add("last-byte-lost", .fileLengthMismatch, at: length, Array(minimal.dropLast()))
    add("byte-appended", .fileLengthMismatch, at: length, minimal + [0])
    edit("length-huge", .fileLengthMismatch, minimal) {
      $0.store(UInt64.max, at: length); return length
    }

    var damaged = FileEditor(minimal)
    damaged.bytes[damaged.tableEntry(DRIFT_SECTION_MODEL) + DRIFT_AT_section_offset] ^= 64
    add("table-damaged", .headerChecksumMismatch, at: DRIFT_AT_header_header_checksum, damaged.bytes)
    edit("reserved", .headerReservedNotZero, minimal) { editor in
      editor.store(UInt8(1), at: Int(DRIFT_HEADER_BYTES) - 1)
      return Int(DRIFT_HEADER_BYTES) - 1
    }
    edit("required-feature", .featureUnknown, minimal) { editor in
      editor.store(UInt64(1) << 63, at: DRIFT_AT_header_required_features)
      return DRIFT_AT_header_required_features
    }
    for count in [0, 64, 65, .max] as [UInt32] {
      edit("count-\(count)", .sectionCountOutOfRange, minimal) { editor in
        editor.store(count, at: DRIFT_AT_header_section_count)
        return DRIFT_AT_header_section_count
      }
    }
  }

  /// Sets a field of a section's table entry.
  private mutating func table<Value>(
    _ name: String, _ code: DriftErrorCode, _ kind: drift_section_kind, _ field: Int, _ value: Value
  ) {
    edit(name, code, minimal) { editor in
      let offset = editor.tableEntry(kind) + field
      editor.store(value, at: offset)
      return offset
    }
  }

  mutating func addSections() {
    let (model, strings, metadata) = (DRIFT_SECTION_MODEL, DRIFT_SECTION_STRINGS, DRIFT_SECTION_METADATA)
    table("section", .sectionReservedNotZero, DRIFT_SECTION_DATA, DRIFT_AT_section_reserved, UInt32(1))
    table("kind-0", .sectionKindUnknown, metadata, DRIFT_AT_section_kind, UInt32(0))
    table("kind-12", .sectionKindUnknown, metadata, DRIFT_AT_section_kind, UInt32(12))
    table("kind-40", .sectionKindUnknown, metadata, DRIFT_AT_section_kind, UInt32(40))
    edit("strings-twice", .sectionDuplicate, minimal) { editor in
      let second = editor.tableEntry(strings) + DRIFT_AT_section_kind
      let entry = editor.tableEntry(metadata)
      let length = editor.section(metadata).length
      editor.store(strings.rawValue, at: entry + DRIFT_AT_section_kind)
      editor.store(UInt32(1), at: entry + DRIFT_AT_section_record_bytes)
      editor.store(length, at: entry + DRIFT_AT_section_count)
      return second
    }
    edit("metadata-missing", .sectionMissing, minimal) { editor in
      editor.store(UInt32(0x8000_0001), at: editor.tableEntry(metadata) + DRIFT_AT_section_kind)
      return DRIFT_AT_header_section_count
    }
    let offset = FileEditor(minimal).section(strings).offset
    table("offset-plus-8", .sectionMisaligned, strings, DRIFT_AT_section_offset, offset + 8)
    table("offset-at-end", .sectionOutOfBounds, strings, DRIFT_AT_section_offset, UInt64(minimal.count))
    table("offset-wraps", .sectionOutOfBounds, strings, DRIFT_AT_section_offset, UInt64.max - 63)
    edit("length-wraps", .sectionOutOfBounds, minimal) { editor in
      let entry = editor.tableEntry(strings)
      editor.store(UInt64.max - 63, at: entry + DRIFT_AT_section_length)
      editor.store(UInt64.max - 63, at: entry + DRIFT_AT_section_count)
      return entry + DRIFT_AT_section_offset
    }
    table("before-the-last", .sectionsOverlap, strings, DRIFT_AT_section_offset, FileEditor(minimal).section(model).offset)
    table("in-the-table", .sectionsOverlap, model, DRIFT_AT_section_offset, UInt64(64))
    edit("line-between", .sectionGap, minimal) { editor in
      editor.insert([UInt8](repeating: 0, count: 64), into: model, at: 192)
      return editor.tableEntry(DRIFT_SECTION_PROGRAMS) + DRIFT_AT_section_offset
    }
    edit("line-behind", .sectionGap, minimal) { editor in
      editor.bytes += [UInt8](repeating: 0, count: 64)
      editor.store(UInt64(editor.bytes.count), at: DRIFT_AT_header_file_length)
      return DRIFT_AT_header_file_length
    }
    table("record-152", .sectionRecordSizeMismatch, model, DRIFT_AT_section_record_bytes, UInt32(152))
    table("record-0", .sectionRecordSizeMismatch, strings, DRIFT_AT_section_record_bytes, UInt32(0))
    edit("count-plus-1", .sectionLengthMismatch, minimal) { editor in
      let entry = editor.tableEntry(strings)
      editor.store(editor.section(strings).count + 1, at: entry + DRIFT_AT_section_count)
      return entry + DRIFT_AT_section_length
    }
    edit("product-wraps", .sectionLengthMismatch, minimal) { editor in
      let entry = editor.tableEntry(metadata)
      // 8 * 2^61 is 0 in 64 bits.
      editor.store(UInt64(1) << 61, at: entry + DRIFT_AT_section_count)
      editor.store(UInt64(0), at: entry + DRIFT_AT_section_length)
      return entry + DRIFT_AT_section_length
    }
    for kind in model.rawValue...metadata.rawValue {
      let kind = drift_section_kind(kind)
      var editor = FileEditor(complete)
      editor.bytes[editor.offset(kind)] ^= 1
      add(
        "section-\(kind.rawValue)", .sectionChecksumMismatch, at: editor.tableEntry(kind) + DRIFT_AT_section_checksum, editor.bytes)
    }
    edit("between-sections", .paddingNotZero, minimal) { editor in
      let offset = editor.offset(model) + 160
      editor.store(UInt8(1), at: offset)
      return offset
    }
    edit("between-constants", .paddingNotZero, minimal) { editor in
      let offset = editor.data("conv.scales") + 63
      editor.store(UInt8(1), at: offset)
      return offset
    }
    edit("two-models", .recordCountOutOfRange, minimal) { editor in
      let entry = editor.tableEntry(model)
      editor.store(UInt64(2), at: entry + DRIFT_AT_section_count)
      editor.store(UInt64(288), at: entry + DRIFT_AT_section_length)
      return entry + DRIFT_AT_section_count
    }
    var image = TestImages.minimal()
    image.programs = []
    let bytes = image.written()
    add(
      "no-program", .recordCountOutOfRange, at: FileEditor(bytes).tableEntry(DRIFT_SECTION_PROGRAMS) + DRIFT_AT_section_count, bytes
    )
  }

  mutating func addStrings() {
    let strings = DRIFT_SECTION_STRINGS
    set("first-not-zero", .stringsUnterminated, strings, 0, 0, UInt8(0x41), base: minimal)
    edit("last-not-zero", .stringsUnterminated, minimal) { editor in
      editor.store(UInt8(0x41), at: editor.offset(strings) + Int(editor.section(strings).length) - 1)
      return editor.offset(strings)
    }
    let texts: [(String, [UInt8])] = [
      ("never-utf8", [0xFF]), ("continuation", [0x80]), ("overlong", [0xC0, 0x80]), ("overlong-3", [0xE0, 0x80, 0x80]),
      ("surrogate", [0xED, 0xA0, 0x80]), ("beyond-unicode", [0xF4, 0x90, 0x80, 0x80]), ("cut-off", [0xF0, 0x90, 0x80, 0x00]),
      ("escape", [0x1B, 0x5B, 0x32, 0x4A]), ("delete", [0x7F]), ("c1-control", [0xC2, 0x9B]),
    ]
    for (name, text) in texts {
      edit(name, .stringsNotText, minimal) { editor in
        // "checkpoint" is long enough for all of them.
        let key = editor.load(UInt32.self, at: editor.offset(DRIFT_SECTION_METADATA))
        let offset = editor.offset(strings, Int(key))
        editor.bytes.replaceSubrange(offset..<offset + text.count, with: text)
        return offset
      }
    }
    let length = UInt32(FileEditor(minimal).section(strings).length)
    let places: [(String, drift_section_kind, Int)] = [
      ("program", DRIFT_SECTION_PROGRAMS, DRIFT_AT_program_name), ("tensor", DRIFT_SECTION_TENSORS, DRIFT_AT_tensor_name),
      ("operator", DRIFT_SECTION_OPERATORS, DRIFT_AT_operator_name), ("constant", DRIFT_SECTION_CONSTANTS, DRIFT_AT_constant_name),
      ("key", DRIFT_SECTION_METADATA, DRIFT_AT_metadata_key), ("value", DRIFT_SECTION_METADATA, DRIFT_AT_metadata_value),
    ]
    for (name, kind, field) in places {
      set("\(name)-at-end", .stringOffsetInvalid, kind, 0, field, length, base: minimal)
      set("\(name)-far-away", .stringOffsetInvalid, kind, 0, field, UInt32.max, base: minimal)
      // "unet" is the first string after the empty one.
      set("\(name)-within", .stringOffsetInvalid, kind, 0, field, UInt32(3), base: minimal)
    }
    set("empty-key", .metadataUnordered, DRIFT_SECTION_METADATA, 0, DRIFT_AT_metadata_key, UInt32(0))
    edit("key-twice", .metadataUnordered) { editor in
      let first = editor.load(UInt32.self, at: editor.offset(DRIFT_SECTION_METADATA))
      editor.set(DRIFT_SECTION_METADATA, 1, DRIFT_AT_metadata_key, first)
      return editor.offset(DRIFT_SECTION_METADATA, 1)
    }
    edit("keys-swapped", .metadataUnordered) { editor in
      let kind = DRIFT_SECTION_METADATA
      let (first, second) = (
        editor.load(UInt32.self, at: editor.offset(kind)), editor.load(UInt32.self, at: editor.offset(kind, 1))
      )
      editor.set(kind, 0, DRIFT_AT_metadata_key, second)
      editor.set(kind, 1, DRIFT_AT_metadata_key, first)
      return editor.offset(kind, 1)
    }
  }
}

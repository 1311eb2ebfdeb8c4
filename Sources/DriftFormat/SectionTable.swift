import CDriftFormat

/// The header and section table of a file, checked: bounds, order, padding and checksums. Nothing about the records themselves.
struct SectionTable {
  let bytes: UnsafeRawBufferPointer
  let sections: UnsafeBufferPointer<drift_section>

  /// Finds a section that is known to be present.
  func section(_ kind: drift_section_kind) -> drift_section {
    for section in sections where section.kind == kind.rawValue { return section }
    return drift_section()
  }

  /// The records of a section.
  func records<Record>(_ kind: drift_section_kind, as type: Record.Type) -> UnsafeBufferPointer<Record> {
    let found = section(kind)
    guard let base = bytes.baseAddress else { return UnsafeBufferPointer(start: nil, count: 0) }
    let start = (base + Int(truncatingIfNeeded: found.offset)).assumingMemoryBound(to: Record.self)
    return UnsafeBufferPointer(start: start, count: Int(truncatingIfNeeded: found.count))
  }

  /// The bytes of a section.
  func raw(_ kind: drift_section_kind) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(records(kind, as: UInt8.self))
  }
}

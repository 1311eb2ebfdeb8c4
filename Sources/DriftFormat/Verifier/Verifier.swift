import CDriftFormat

/// Checks the records of a file whose header and section table are already known to be sound.
///
/// Every rule of `docs/format.md` from 150 on is in one of this type's extensions. The order of the calls below matters: a check may rely
/// on all that come before it. There is no recursion and no memory besides the stack; the work is linear in the file's length, except
/// for the memory plan, which is O(n log n) in the number of operators.
struct Verifier {
  let table: SectionTable
  let file: DriftFile
  /// Tensors that persist between steps; all others follow them, one for each operator.
  let persistentCount: Int
  /// Those of them that hold state: the last ones.
  let stateTensors: Range<Int>

  init(_ table: SectionTable) {
    self.table = table
    file = DriftFile(unverified: table)
    var count = 0
    while count < file.tensors.count, file.tensors[count].flags & DRIFT_TENSOR_PERSISTENT.rawValue != 0 { count += 1 }
    persistentCount = count
    var first = count
    while first > 0, file.tensors[first - 1].isState { first -= 1 }
    stateTensors = first..<count
  }

  func verify() throws(DriftError) {
    try verifyCounts()
    try verifyStrings()
    try verifyMetadata()
    try verifyModel()
    try verifyPicture()
    try verifyTensors()
    try verifyKeptTensors()
    try verifySampleTensors()
    try verifyQuantization()
    try verifyKeptScales()
    try verifyConstants()
    try verifyPrograms()
    try verifySpikingSteps()
    try verifyKeptPrograms()
    try verifyStatePrograms()
    try verifyOperators()
    try verifyKeptReaders()
    try verifyMemoryPlan()
    try verifySteps()
  }

  /// An error at a field of a record.
  func error(
    _ code: DriftErrorCode, _ section: drift_section_kind, _ index: Int, _ field: Int, expected: UInt64 = 0, found: UInt64 = 0
  ) -> DriftError {
    let section = table.section(section)
    let offset = section.offset + UInt64(index) * UInt64(section.record_bytes) + UInt64(field)
    return DriftError(code, offset: offset, expected: expected, found: found)
  }

  /// The sections that must not be empty are not, and none has more records than an index can name.
  private func verifyCounts() throws(DriftError) {
    for index in 0..<table.sections.count {
      let section = table.sections[index]
      let smallest: UInt64
      switch section.kind {
      case DRIFT_SECTION_PROGRAMS.rawValue, DRIFT_SECTION_TENSORS.rawValue, DRIFT_SECTION_OPERATORS.rawValue,
        DRIFT_SECTION_CONSTANTS.rawValue:
        smallest = 1
      case DRIFT_SECTION_METADATA.rawValue:
        smallest = 0
      default:
        continue
      }
      guard section.count >= smallest, section.count <= FormatLimits.records else {
        let offset = Int(DRIFT_HEADER_BYTES) + index * MemoryLayout<drift_section>.size + DRIFT_AT_section_count
        throw DriftError(
          .recordCountOutOfRange, offset: UInt64(offset), expected: section.count < smallest ? smallest : FormatLimits.records,
          found: section.count)
      }
    }
  }
}

extension UInt64 {
  /// A signed number as errors carry it.
  init(signed value: Int32) {
    self = UInt64(bitPattern: Int64(value))
  }

  /// A float as errors carry it: its bits.
  init(float value: Float) {
    self = UInt64(value.bitPattern)
  }
}

extension Float {
  /// Finite, and either zero or large enough that no CPU flushes it.
  var isUsable: Bool {
    let magnitude = bitPattern & 0x7FFF_FFFF
    return magnitude == 0 || (magnitude >= FormatLimits.smallestFloat.bitPattern && magnitude < 0x7F80_0000)
  }

  /// Usable, and not beyond a limit in magnitude.
  func isUsable(upTo limit: Float) -> Bool {
    isUsable && bitPattern & 0x7FFF_FFFF <= limit.bitPattern
  }
}

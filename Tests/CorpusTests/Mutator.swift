import DriftFormat
import DriftTestImages

/// Makes damaged files out of valid ones. Most edits hit one field of one record and leave the checksums right, so that they get past the
/// container's checks.
struct Mutator {
  private let bases: [[UInt8]]
  private var random: SeededGenerator

  init(bases: [[UInt8]], seed: UInt64) {
    self.bases = bases
    random = SeededGenerator(seed: seed)
  }

  mutating func next() -> [UInt8] {
    var editor = FileEditor(bases[random.next(below: bases.count)])
    switch random.next(below: 20) {
    case 0: flip(&editor)
    case 1: cut(&editor)
    case 2: editHeader(&editor)
    case 3, 4: editTable(&editor)
    case 5, 6:
      editContents(&editor)
      editor.fixChecksums()
    default:
      for _ in 0...random.next(below: 3) { editRecord(&editor) }
      editor.fixChecksums()
    }
    return editor.bytes
  }

  /// A few bytes anywhere, checksums left as they are.
  private mutating func flip(_ editor: inout FileEditor) {
    for _ in 0...random.next(below: 4) {
      editor.bytes[random.next(below: editor.bytes.count)] = UInt8(truncatingIfNeeded: random.next())
    }
  }

  /// Another length, which the header may or may not know of.
  private mutating func cut(_ editor: inout FileEditor) {
    let change = random.next(below: 3)
    if change == 0 {
      editor.bytes += [UInt8](repeating: 0, count: random.next(below: 200))
    } else {
      editor.bytes.removeLast(random.next(below: change == 1 ? 200 : editor.bytes.count + 1))
    }
    guard editor.bytes.count >= 128, random.next(below: 4) > 0 else { return }
    editor.store(UInt64(editor.bytes.count), at: DRIFT_AT_header_file_length)
    editor.fixHeader()
  }

  private mutating func editHeader(_ editor: inout FileEditor) {
    editWord(&editor, at: random.next(below: 32) * 4, like: random.next(below: 32) * 4)
    editor.fixHeader()
  }

  private mutating func editTable(_ editor: inout FileEditor) {
    let words = editor.sectionCount * 10
    let word = random.next(below: words)
    editWord(&editor, at: 128 + word * 4, like: 128 + (word + 10 * random.next(below: 11)) % words * 4)
    random.next(below: 2) == 0 ? editor.fixChecksums() : editor.fixHeader()
  }

  /// One word of one record, or the same field of another record in its place.
  private mutating func editRecord(_ editor: inout FileEditor) {
    let kinds = [
      DRIFT_SECTION_MODEL, DRIFT_SECTION_PROGRAMS, DRIFT_SECTION_TENSORS, DRIFT_SECTION_OPERATORS, DRIFT_SECTION_OPERATORS,
      DRIFT_SECTION_OPERATORS, DRIFT_SECTION_CONSTANTS, DRIFT_SECTION_STEPS, DRIFT_SECTION_STEPS, DRIFT_SECTION_QUANTIZATION,
      DRIFT_SECTION_METADATA, DRIFT_SECTION_STEP_TABLE,
    ]
    let kind = kinds[random.next(below: kinds.count)]
    let section = editor.section(kind)
    guard section.count > 0, section.length >= 4 else { return }
    let size = max(Int(section.record_bytes), 4)
    let records = Int(section.length) / size
    let field = random.next(below: size / 4) * 4
    let start = editor.offset(kind)
    editWord(
      &editor, at: start + random.next(below: records) * size + field, like: start + random.next(below: records) * size + field)
  }

  private mutating func editWord(_ editor: inout FileEditor, at offset: Int, like other: Int) {
    let old = editor.load(UInt32.self, at: offset)
    let constants: [UInt32] = [
      0, 1, 2, 3, 4, 8, 15, 16, 63, 64, 128, 255, 256, 65535, 65536, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0xFFFF_FFFE,
      0x7FC0_0000, 0x7F80_0000, 0x3F80_0000, 0x0000_0001 << 23, 0x4E80_0000, 0xBF80_0000,
    ]
    let new: UInt32
    switch random.next(below: 8) {
    case 0: new = old ^ 1 << UInt32(random.next(below: 32))
    case 1: new = old &+ 1
    case 2: new = old &- 1
    case 3: new = random.next(below: 2) == 0 ? old &* 2 : old / 2
    case 4, 5: new = editor.load(UInt32.self, at: other)
    case 6: new = constants[random.next(below: constants.count)]
    default: new = UInt32(truncatingIfNeeded: random.next())
    }
    editor.store(new, at: offset)
  }

  /// A byte of the constants or strings.
  private mutating func editContents(_ editor: inout FileEditor) {
    let kind = random.next(below: 6) == 0 ? DRIFT_SECTION_STRINGS : DRIFT_SECTION_DATA
    let length = Int(editor.section(kind).length)
    for _ in 0...random.next(below: 2) {
      editor.store(UInt8(truncatingIfNeeded: random.next()), at: editor.offset(kind, random.next(below: length)))
    }
  }
}

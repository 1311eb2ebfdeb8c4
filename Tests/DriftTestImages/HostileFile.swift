import DriftEmission
import DriftFormat

/// A file that breaks one rule, and what the verifier must say about it.
public struct HostileFile: Sendable {
  /// Unique among all hostile files; also the file name in the corpus.
  public var name: String
  /// The rule that the file breaks.
  public var code: DriftErrorCode
  /// Byte that the error must name.
  public var offset: Int
  /// The file.
  public var bytes: [UInt8]
}

/// Collects hostile files, each made from a valid one by as small an edit as possible.
public struct HostileFiles {
  /// What was made so far.
  public private(set) var all: [HostileFile] = []
  let minimal: [UInt8]
  let complete: [UInt8]

  /// Makes all hostile files.
  public static func make() throws -> [HostileFile] {
    var files = HostileFiles(minimal: try TestImages.minimal().encode(), complete: try TestImages.complete().encode())
    files.addHeaders()
    files.addSections()
    files.addStrings()
    files.addModels()
    files.addSampleTensors()
    files.addPrograms()
    files.addTensors()
    files.addQuantization()
    try files.addConstants()
    files.addOperators()
    files.addOperatorShapes()
    try files.addOperatorImages()
    try files.addDepthwise()
    try files.addMemoryPlans()
    files.addSteps()
    files.addGuidance()
    try files.addKept()
    try files.addTransformer()
    try files.addNeurons()
    try files.addSpiking()
    return files.all
  }

  mutating func add(_ name: String, _ code: DriftErrorCode, at offset: Int, _ bytes: [UInt8]) {
    all.append(HostileFile(name: "\(code.rawValue)-\(name)", code: code, offset: offset, bytes: bytes))
  }

  /// Edits a file, then makes its checksums right. The error must name the byte that `edit` returns.
  mutating func edit(_ name: String, _ code: DriftErrorCode, _ base: [UInt8]? = nil, _ edit: (inout FileEditor) -> Int) {
    var editor = FileEditor(base ?? complete)
    let offset = edit(&editor)
    editor.fixChecksums()
    add(name, code, at: offset, editor.bytes)
  }

  /// Sets one field of one record, which is also the byte that the error must name.
  mutating func set<Value>(
    _ name: String, _ code: DriftErrorCode, _ kind: drift_section_kind, _ record: Int, _ field: Int, _ value: Value,
    base: [UInt8]? = nil
  ) {
    edit(name, code, base) { editor in
      editor.set(kind, record, field, value)
      return editor.offset(kind, record, field)
    }
  }

  /// Changes the complete image before it is written. The error must name a field of a record.
  mutating func image(
    _ name: String, _ code: DriftErrorCode, _ image: DriftImage = TestImages.complete(),
    _ change: (inout DriftImage) -> Void = { _ in }, at place: (FileEditor) -> Int
  ) throws {
    var image = image
    change(&image)
    try image.planMemory()
    let bytes = try image.canonical().written()
    add(name, code, at: place(FileEditor(bytes)), bytes)
  }
}

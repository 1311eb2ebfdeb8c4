/// Reads a pickle of protocol 0 to 5 without ever running what it names.
///
/// A pickle is a program for a stack machine. This one knows the opcodes that build plain data; calls (REDUCE, NEWOBJ, INST, OBJ) only look
/// up what the callee would make (`PickleGlobal`), and a callee that is not on the list is refused when it is named. Nothing recurses.
struct PickleMachine {
  /// More is refused: a training checkpoint with an optimizer for a thousand tensors has a hundredth of it.
  private static let (mostOpcodes, highestStack, mostMemos) = (1 << 25, 1 << 22, 1 << 22)

  /// The file, and which part of it this pickle is.
  let path: String
  let part: String
  let bytes: UnsafeRawBufferPointer
  /// Where the bytes of a storage lie; nil in files that say so after the pickle.
  let storageRange: ((String) -> Range<Int>?)?
  /// A tensor of more values than this (by strides of 0) is refused.
  let mostValues: Int
  /// The next byte.
  private(set) var position: Int
  /// Where the opcode began that is being run.
  private(set) var opcodeStart = 0
  var heap = PickleHeap()
  private(set) var stack: [PickleValue] = []
  /// Stack heights at the marks.
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]

  init(
    _ bytes: UnsafeRawBufferPointer, at position: Int = 0, _ path: String, part: String, mostValues: Int = 0,
    storageRange: ((String) -> Range<Int>?)? = nil
  ) {
    self.path = path
    self.part = part
    self.bytes = bytes
    self.position = position
    self.mostValues = mostValues
    self.storageRange = storageRange
  }

  /// Runs to STOP and leaves `position` behind it.
  mutating func run() throws(ImportError) -> PickleValue {
    var count = 0
    while true {
      opcodeStart = position
      count += 1
      guard count <= Self.mostOpcodes else { throw failure("has more than \(Self.mostOpcodes) instructions") }
      let opcode = try byte()
      if opcode == UInt8(ascii: ".") { return try pop() }
      try execute(opcode)
    }
  }

  /// An error at the opcode that is being run.
  func failure(_ problem: String) -> ImportError { ImportError(path, "\(part), byte \(opcodeStart): \(problem)") }

  // MARK: - Stack, marks and memo

  mutating func push(_ value: PickleValue) throws(ImportError) {
    guard stack.count < Self.highestStack else { throw failure("has more than \(Self.highestStack) values on its stack") }
    stack.append(value)
  }

  mutating func pop() throws(ImportError) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.popLast() else {
      throw failure("takes a value from an empty stack: the pickle is damaged")
    }
    return value
  }

  func top() throws(ImportError) -> PickleValue {
    guard stack.count > marks.last ?? 0, let value = stack.last else {
      throw failure("looks at an empty stack: the pickle is damaged")
    }
    return value
  }

  mutating func mark() throws(ImportError) {
    guard marks.count < Self.highestStack else { throw failure("has more than \(Self.highestStack) marks") }
    marks.append(stack.count)
  }

  /// The values since the last mark, which goes too.
  mutating func popMark() throws(ImportError) -> [PickleValue] {
    guard let height = marks.popLast() else { throw failure("asks for a mark that is not there: the pickle is damaged") }
    let values = Array(stack[height...])
    stack.removeSubrange(height...)
    return values
  }

  /// POP: takes off a value, or the mark if it is on top.
  mutating func drop() throws(ImportError) {
    if let height = marks.last, height == stack.count { marks.removeLast() } else { _ = try pop() }
  }

  mutating func remember(_ key: Int? = nil) throws(ImportError) {
    guard memo.count < Self.mostMemos else { throw failure("remembers more than \(Self.mostMemos) values") }
    memo[key ?? memo.count] = try top()
  }

  mutating func recall(_ key: Int) throws(ImportError) {
    guard let value = memo[key] else { throw failure("recalls value \(key), which was never remembered: the pickle is damaged") }
    try push(value)
  }

  // MARK: - Arguments of opcodes

  mutating func byte() throws(ImportError) -> UInt8 { bytes[try take(1).lowerBound] }

  /// The next bytes, which must be there.
  mutating func take(_ count: Int) throws(ImportError) -> Range<Int> {
    guard count >= 0, count <= bytes.count - position else {
      throw failure("is cut off: \(count) bytes should follow, \(bytes.count - position) are left")
    }
    position += count
    return position - count..<position
  }

  /// A little-endian number.
  mutating func number<Field: FixedWidthInteger & BitwiseCopyable>(_ type: Field.Type) throws(ImportError) -> Field {
    let range = try take(MemoryLayout<Field>.size)
    return Field(littleEndian: bytes.loadUnaligned(fromByteOffset: range.lowerBound, as: Field.self))
  }

  /// A length of 8 bytes.
  mutating func length() throws(ImportError) -> Int {
    let length = try number(UInt64.self)
    guard let result = Int(exactly: length) else { throw failure("is cut off: \(length) bytes should follow") }
    return result
  }

  /// A line of text without its end.
  mutating func line() throws(ImportError) -> Range<Int> {
    guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "\n")) else { throw failure("is cut off in a line of text") }
    defer { position = end + 1 }
    return position..<end
  }

  /// Bytes as UTF-8.
  func text(_ range: Range<Int>) throws(ImportError) -> String {
    guard let text = String(validating: bytes[range], as: UTF8.self) else { throw failure("holds text that is not UTF-8") }
    return text
  }
}

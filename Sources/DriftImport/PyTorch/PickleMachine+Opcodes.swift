extension PickleMachine {
  /// Runs one opcode (the names are those of Python's pickletools).
  mutating func execute(_ opcode: UInt8) throws(ImportError) {
    switch opcode {
    case UInt8(ascii: "("): try mark()
    case UInt8(ascii: "0"): try drop()
    case UInt8(ascii: "1"): _ = try popMark()
    case UInt8(ascii: "2"): try push(try top())
    case UInt8(ascii: "N"): try push(.none)
    case 0x88: try push(.bool(true))
    case 0x89: try push(.bool(false))

    // Numbers.
    case UInt8(ascii: "J"): try push(.integer(Int(try number(Int32.self))))
    case UInt8(ascii: "K"): try push(.integer(Int(try byte())))
    case UInt8(ascii: "M"): try push(.integer(Int(try number(UInt16.self))))
    case UInt8(ascii: "I"), UInt8(ascii: "L"): try push(try integer(inLine: try line()))
    case 0x8A: try push(integer(try take(Int(try byte()))))
    case 0x8B: try push(integer(try take(Int(try number(Int32.self)))))
    case UInt8(ascii: "G"): try push(.float(Double(bitPattern: try number(UInt64.self).byteSwapped)))
    case UInt8(ascii: "F"):
      guard let value = Double(try text(try line())) else { throw failure("holds a float that cannot be read") }
      try push(.float(value))

    // Text and bytes.
    case UInt8(ascii: "X"): try push(.string(try text(try take(Int(try number(UInt32.self))))))
    case 0x8C: try push(.string(try text(try take(Int(try byte())))))
    case 0x8D: try push(.string(try text(try take(try length()))))
    case UInt8(ascii: "T"): try push(.string(oldText(try take(Int(try number(Int32.self))))))
    case UInt8(ascii: "U"): try push(.string(oldText(try take(Int(try byte())))))
    case UInt8(ascii: "S"): try push(.string(try quoted(try line())))
    case UInt8(ascii: "V"): try push(.string(try unescaped(bytes[try line()], unicode: true)))
    case UInt8(ascii: "B"): try push(.bytes(try take(Int(try number(UInt32.self))).count))
    case UInt8(ascii: "C"): try push(.bytes(try take(Int(try byte())).count))
    case 0x8E, 0x96: try push(.bytes(try take(try length()).count))

    // Containers.
    case UInt8(ascii: "]"): try push(.list(try sequence([])))
    case UInt8(ascii: "l"): try push(.list(try sequence(try popMark())))
    case UInt8(ascii: ")"): try push(.tuple(try sequence([])))
    case UInt8(ascii: "t"): try push(.tuple(try sequence(try popMark())))
    case 0x85, 0x86, 0x87: try tuple(Int(opcode) - 0x84)
    case 0x8F: try push(.set(try sequence([])))
    case 0x91: try push(.set(try sequence(try popMark())))
    case UInt8(ascii: "}"): try push(.dictionary(try dictionary()))
    case UInt8(ascii: "d"):
      let items = try popMark()
      try push(.dictionary(try dictionary()))
      try set(items)
    case UInt8(ascii: "a"): try append([try pop()])
    case UInt8(ascii: "e"), 0x90: try append(try popMark())
    case UInt8(ascii: "s"):
      let value = try pop()
      try set([try pop(), value])
    case UInt8(ascii: "u"): try set(try popMark())

    // Memo.
    case UInt8(ascii: "p"): try remember(try index(inLine: try line()))
    case UInt8(ascii: "q"): try remember(Int(try byte()))
    case UInt8(ascii: "r"): try remember(Int(try number(UInt32.self)))
    case 0x94: try remember()
    case UInt8(ascii: "g"): try recall(try index(inLine: try line()))
    case UInt8(ascii: "h"): try recall(Int(try byte()))
    case UInt8(ascii: "j"): try recall(Int(try number(UInt32.self)))

    // Names and calls.
    case UInt8(ascii: "c"): try push(try nextGlobal())
    case 0x93:
      let name = try pop()
      guard case .string(let name) = name, case .string(let module) = try pop() else {
        throw failure("names a class by something that is no text")
      }
      try push(try global(module, name))
    case UInt8(ascii: "i"):
      guard case .global(let callee) = try nextGlobal() else { return }
      try push(try call(callee, try popMark()))
    case UInt8(ascii: "o"):
      let values = try popMark()
      guard case .global(let callee)? = values.first else { throw failure("makes an object of something that is no class") }
      try push(try call(callee, Array(values.dropFirst())))
    case UInt8(ascii: "R"), 0x81:
      let arguments = try arguments(try pop())
      try push(try call(try callee(try pop()), arguments))
    case 0x92:
      _ = try pop()
      let arguments = try arguments(try pop())
      try push(try call(try callee(try pop()), arguments))
    case UInt8(ascii: "b"):
      let state = try pop()
      try setState(try top(), state)
    case UInt8(ascii: "Q"): try push(try storage(try pop()))
    case UInt8(ascii: "P"):
      throw failure(
        "refers to '\(try text(try line()).escaped)' outside of the pickle by a text, expected a tuple that begins with 'storage'")

    // Framing.
    case 0x80:
      let version = try byte()
      guard version <= 5 else { throw failure("is of protocol \(version), expected 0 to 5") }
    case 0x95:
      let length = try length()
      guard length <= bytes.count - position else {
        throw failure("is cut off: a frame of \(length) bytes should follow, \(bytes.count - position) are left")
      }
    case 0x82, 0x83, 0x84:
      throw failure("tries to run code: a class by its number in a registry of extensions (EXT), which only a program can fill")
    case 0x97, 0x98: throw failure("refers to a buffer outside of the pickle, which no file of torch.save does")
    default: throw failure("instruction \(opcode) is none of pickle's: the file is damaged or no pickle")
    }
  }

  // MARK: - Containers

  mutating func sequence(_ values: [PickleValue]) throws(ImportError) -> Int {
    try count(values.count)
    heap.sequences.append(values)
    return heap.sequences.count - 1
  }

  mutating func dictionary() throws(ImportError) -> Int {
    try count(0)
    heap.dictionaries.append(PickleHeap.Dictionary())
    return heap.dictionaries.count - 1
  }

  mutating func count(_ elements: Int) throws(ImportError) {
    guard heap.count(elements) else {
      throw failure("holds more than \(PickleHeap.mostContainers) containers or \(PickleHeap.mostElements) elements")
    }
  }

  private mutating func tuple(_ length: Int) throws(ImportError) {
    var values = [PickleValue](repeating: .none, count: length)
    for index in values.indices.reversed() { values[index] = try pop() }
    try push(.tuple(try sequence(values)))
  }

  private mutating func append(_ values: [PickleValue]) throws(ImportError) {
    switch try top() {
    case .list(let index), .set(let index):
      try count(values.count)
      heap.sequences[index] += values
    case .opaque: break
    case let other: throw failure("appends to \(other.typeName)")
    }
  }

  private mutating func set(_ items: [PickleValue]) throws(ImportError) {
    guard items.count % 2 == 0 else { throw failure("sets items of a dict from an odd number of keys and values") }
    switch try top() {
    case .dictionary(let index):
      try count(items.count)
      for place in stride(from: 0, to: items.count, by: 2) { heap.insert(items[place], items[place + 1], into: index) }
    case .opaque: break
    case let other: throw failure("sets items of \(other.typeName)")
    }
  }
}

import DriftGraph
import DriftImport
import Testing

/// Pickles that would run code, break the machine that reads them, or fill memory.
@Suite struct HostilePickleTests {
  /// What the error has to say; pickles that are called like a function have to be refused by its name.
  private static let problems: [String: String] = [
    "stack-global": "os.system", "inst": "os.system", "obj": "os.system", "newobj": "os.system", "newobj-ex": "os.system",
    "ext1": "tries to run code", "ext2": "tries to run code", "ext4": "tries to run code", "reduce-string": "tries to call a str",
    "call-of-storage": "tries to call", "global-of-numbers": "no text", "next-buffer": "buffer", "empty-stack": "empty stack",
    "pop-nothing": "empty stack", "no-mark": "mark", "below-mark": "empty stack", "unknown-opcode": "instruction 240",
    "no-stop": "cut off", "unknown-memo": "value 5", "protocol-9": "protocol 9", "long-string": "cut off",
    "longer-string": "cut off",
    "negative-length": "cut off", "long-frame": "frame", "broken-utf8": "UTF-8", "append-to-number": "appends to an int",
    "items-of-list": "sets items of a list", "odd-items": "odd number", "build-number": "sets attributes of an int",
    "trailing": "bytes follow", "persistent-number": "by an int", "persistent-line": "by a text",
    "persistent-short": "another form",
    "persistent-module": "another form", "persistent-type": "OrderedDict", "missing-storage": "no entry for the storage '7'",
    "climbing-storage": "no entry for the storage '../data.pkl'", "short-storage": "its entry has 16",
    "negative-storage": "another form",
    "outside": "reaches to value 5", "outside-by-stride": "reaches to value 5", "negative-offset": "impossible",
    "negative-shape": "impossible", "negative-stride": "impossible", "strides-missing": "impossible",
    "overflowing-shape": "impossible",
    "overflowing-stride": "impossible", "huge-by-zero-strides": "more values than the file has bytes",
    "offset-at-limit": "impossible",
    "no-tensors": "no dict of tensors", "a-list": "holds a list",
  ]

  @Test func `every hostile pickle is refused by what it does`() throws {
    let pickles = try PyTorchFixtures.pickles("hostile")
    #expect(pickles.count == 67)
    #expect(Set(Self.problems.keys).isSubset(of: pickles.keys))
    for (name, pickle) in pickles {
      let problem = Self.problems[name] ?? name
      #expect("\(name)") {
        try PyTorchFixtures.readAll(ArchiveBytes(pickle: pickle).bytes)
      } throws: { error in
        if !"\(error)".contains(problem) { print("\(name): \(error)") }
        return "\(error)".contains(problem) && "\(error)".contains("file.pt")
      }
    }
  }

  @Test func `functions are refused by name in the older form too, before anything else is looked at`() throws {
    for (name, pickle) in try PyTorchFixtures.pickles("hostile") where name.contains("system") {
      #expect("\(name)") { try PyTorchFixtures.open(pickle) } throws: { "\($0)".contains("system") || "\($0)".contains("run code") }
    }
  }

  @Test func `odd pickles are read`() throws {
    let pickles = try PyTorchFixtures.pickles("odd")
    #expect(pickles.count == 4)
    for (name, pickle) in pickles {
      let values = try PyTorchFixtures.readAll(ArchiveBytes(pickle: pickle).bytes).map(\.values)
      #expect(values == [name == "empty-overflow" ? [] : [1, 2, 3, 4]], "\(name)")
    }
  }

  @Test func `nesting without end neither overflows the stack when read nor when freed`() throws {
    let depth = 1_000_000
    let lists = [UInt8](repeating: UInt8(ascii: "]"), count: depth) + [UInt8](repeating: UInt8(ascii: "a"), count: depth - 1)
    let tuples = [UInt8](repeating: UInt8(ascii: "("), count: depth) + [UInt8](repeating: UInt8(ascii: "t"), count: depth)
    for nest in [lists, tuples] {
      #expect { try PyTorchFixtures.open(ArchiveBytes(pickle: nest + Array(".".utf8)).bytes).stateDict() } throws: {
        "\($0)".contains("expected a dict of tensors")
      }
    }
  }

  @Test func `what few bytes can make is bounded`() throws {
    func repeated(_ text: String, _ count: Int) -> [UInt8] { [UInt8]((0..<count).flatMap { _ in Array(text.utf8) }) }
    let containers = repeated("]", (1 << 21) + 1), values = repeated("N", (1 << 22) + 1), marks = repeated("(", (1 << 22) + 1)
    // A list of a thousand values, copied by tuple(list) again and again.
    let copies =
      Array("](".utf8) + repeated("N", 1000) + Array("eq\u{1}0".utf8)
      + repeated("cbuiltins\ntuple\n(h\u{1}tR0", 10_000)
    for (pickle, problem) in [(containers, "containers"), (values, "stack"), (marks, "marks"), (copies, "elements")] {
      #expect { try PyTorchFixtures.open(ArchiveBytes(pickle: pickle + Array(".".utf8)).bytes) } throws: {
        "\($0)".contains(problem)
      }
    }
  }
}

extension PyTorchArchive {
  /// The form before PyTorch 1.6: pickles of a magic number, a version, facts about the machine, the object and the storages' keys; then for
  /// each key the number of values and the values.
  static func readSequence(
    _ bytes: UnsafeRawBufferPointer, _ path: String
  ) throws(ImportError) -> (root: PickleValue, heap: PickleHeap) {
    try refuseOthers(bytes, path)
    var position = 0
    let magic = try part("magic number", bytes, at: &position, path).root
    guard case .wideInteger(let range) = magic, isMagic(bytes[range]) else {
      throw ImportError(
        path, "is a Python pickle, but not one of torch.save: it begins with \(magic.typeName), expected its magic number")
    }
    let version = try part("protocol version", bytes, at: &position, path).root
    guard version == .integer(1001) else {
      throw ImportError(path, "is of another version of torch.save's old form than 1001; load it in PyTorch and save it again")
    }
    let system = try part("facts about the machine", bytes, at: &position, path)
    let isLittle = system.heap.items(of: system.root)?.first { $0.key == .string("little_endian") }?.value
    guard isLittle == .bool(true) else {
      throw ImportError(path, "was not written on a little-endian machine; load it in PyTorch and save it again")
    }
    var (root, heap) = try part("object", bytes, at: &position, path)
    let keys = try part("storage keys", bytes, at: &position, path)
    guard case .list = keys.root, let list = keys.heap.elements(of: keys.root) else {
      throw ImportError(path, "lists its storages as \(keys.root.typeName), expected a list")
    }
    let ranges = try storageRanges(list, heap, bytes, position, path)
    for index in heap.storages.indices {
      guard let range = ranges[heap.storages[index].key] else {
        throw ImportError(path, "refers to storage '\(heap.storages[index].key.escaped)', which its list of storages lacks")
      }
      heap.storages[index].range = range
    }
    return (root, heap)
  }

  private static func part(
    _ name: String, _ bytes: UnsafeRawBufferPointer, at position: inout Int, _ path: String
  ) throws(ImportError) -> (root: PickleValue, heap: PickleHeap) {
    var machine = PickleMachine(bytes, at: position, path, part: "pickle of the \(name)", mostValues: mostValues(bytes))
    let root = try machine.run()
    position = machine.position
    return (root, machine.heap)
  }

  /// 0x1950a86a20f9469cfc6c as protocol 2 and later (bytes) or earlier ones (digits) write it.
  private static func isMagic(_ number: Slice<UnsafeRawBufferPointer>) -> Bool {
    number.elementsEqual([0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19])
      || number.elementsEqual("119547037146038801333356".utf8)
  }

  /// Where the storages lie that follow the pickles in the order of their keys.
  private static func storageRanges(
    _ keys: [PickleValue], _ heap: PickleHeap, _ bytes: UnsafeRawBufferPointer, _ start: Int, _ path: String
  ) throws(ImportError) -> [String: Range<Int>] {
    var lengths: [String: (count: Int, bytes: Int)] = [:]
    for storage in heap.storages {
      let length = (storage.count, storage.count * storage.format.bytes)
      if let other = lengths[storage.key], other != length {
        throw ImportError(path, "gives storage '\(storage.key.escaped)' two lengths, \(other.bytes) and \(length.1) bytes")
      }
      lengths[storage.key] = length
    }
    var (ranges, position) = ([String: Range<Int>](), start)
    for key in keys {
      guard case .string(let key) = key, let length = lengths[key], ranges[key] == nil else {
        throw ImportError(path, "its list of storages names \(key.typeName) that no tensor uses, or one twice")
      }
      guard bytes.count - position >= 8 else { throw ImportError(path, "is cut off in front of storage '\(key.escaped)'") }
      let count = Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: Int64.self))
      guard count == Int64(length.count) else {
        throw ImportError(path, "gives storage '\(key.escaped)' \(count) values where it lies and \(length.count) where it is used")
      }
      position += 8
      guard length.bytes <= bytes.count - position else {
        throw ImportError(
          path, "is cut off in storage '\(key.escaped)': \(length.bytes) bytes should follow, \(bytes.count - position) are left")
      }
      ranges[key] = position..<position + length.bytes
      position += length.bytes
    }
    guard position == bytes.count else {
      throw ImportError(path, "is too long: \(bytes.count - position) bytes follow its last storage")
    }
    return ranges
  }

  /// Tells files apart that are neither zip nor pickle.
  private static func refuseOthers(_ bytes: UnsafeRawBufferPointer, _ path: String) throws(ImportError) {
    if bytes.starts(with: "version https://git-lfs".utf8) {
      throw ImportError(path, "is only a pointer of Git LFS to the checkpoint; fetch the file itself")
    }
    if bytes.count > 262, bytes[257..<262].elementsEqual("ustar".utf8) {
      throw ImportError(path, "is of the tar form of PyTorch before 0.2; load it in PyTorch and save it again")
    }
    // PROTO, or what pickles of protocols 0 and 1 can begin with.
    guard let first = bytes.first, first == 0x80 || first == 0x8A || "(]}Lci".utf8.contains(first) else {
      throw ImportError(
        path,
        bytes.isEmpty
          ? "is empty" : "is no PyTorch archive: it begins with byte \(bytes[0]), neither that of a zip file nor of a pickle")
    }
  }
}

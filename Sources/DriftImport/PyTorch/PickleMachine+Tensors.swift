extension PickleMachine {
  /// BINPERSID: ('storage', type, key, device, count), in files without a zip table followed by a view.
  mutating func storage(_ value: PickleValue) throws(ImportError) -> PickleValue {
    let expected = "expected ('storage', type, key, device, count)"
    guard case .tuple(let index) = value else {
      throw failure("refers outside of the pickle by \(value.typeName), \(expected)")
    }
    let parts = heap.sequences[index]
    guard parts.count == 5 || parts.count == 6, parts[0] == .string("storage"), case .global(let type) = parts[1],
      case .string(let key) = parts[2], case .string = parts[3], case .integer(let count) = parts[4], count >= 0
    else {
      throw failure("refers outside of the pickle by a tuple of another form, \(expected)")
    }
    let format: TensorFormat
    switch type {
    case .storage(let known): format = known
    case .untypedStorage: format = .uint8
    default: throw failure("storage '\(key.escaped)' is of the type \(type.name), which is none")
    }
    if parts.count == 6, parts[5] != .none {
      throw failure(
        "storage '\(key.escaped)' is a view of another, as PyTorch before 0.4 wrote them; load the file in PyTorch and save it again"
      )
    }
    let (bytes, overflow) = count.multipliedReportingOverflow(by: format.bytes)
    guard !overflow else { throw failure("storage '\(key.escaped)' has the impossible length \(count)") }
    var range: Range<Int>?
    if let storageRange {
      guard let found = storageRange(key) else { throw failure("the archive has no entry for the storage '\(key.escaped)'") }
      guard bytes <= found.count else {
        throw failure("storage '\(key.escaped)' should have \(bytes) bytes, its entry has \(found.count)")
      }
      range = found.prefix(bytes)
    }
    try self.count(0)
    heap.storages.append(PickleHeap.Storage(key: key, format: format, count: count, range: range))
    return .storage(heap.storages.count - 1)
  }

  /// `_rebuild_tensor`: (storage, offset, shape, strides, ...); version 3 has the number format after gradient and hooks.
  mutating func tensor(_ version: Int, _ arguments: [PickleValue]) throws(ImportError) -> PickleValue {
    guard arguments.count >= (version == 1 ? 4 : version == 2 ? 6 : 7), case .storage(let index) = arguments[0],
      case .integer(let offset) = arguments[1], let shape = integers(arguments[2]), let strides = integers(arguments[3])
    else {
      throw failure("a tensor needs a storage, an offset, a shape and strides")
    }
    let storage = heap.storages[index]
    var (format, available) = (storage.format, storage.count)
    if version == 3 {
      guard case .global(.format(let named)) = arguments[6] else {
        throw failure("a tensor has the number format \(arguments[6].typeName), which is not known")
      }
      // The storage counts in its own format, which is bytes here.
      available = storage.count * storage.format.bytes / named.bytes
      format = named
    }
    let key = storage.key.escaped
    guard shape.count == strides.count, shape.count <= 64, offset >= 0, shape.allSatisfy({ $0 >= 0 }),
      strides.allSatisfy({ $0 >= 0 })
    else {
      throw failure("a tensor in storage '\(key)' has the impossible shape \(shape), strides \(strides), offset \(offset)")
    }
    guard let (count, end) = extent(shape, strides, offset) else {
      throw failure("a tensor in storage '\(key)' has the impossible shape \(shape), strides \(strides), offset \(offset)")
    }
    guard count == 0 || end <= available else {
      throw failure(
        "a tensor of shape \(shape), strides \(strides), offset \(offset) reaches to value \(end) of storage '\(key)', which has \(available)"
      )
    }
    guard count <= mostValues else {
      throw failure("a tensor of shape \(shape), strides \(strides) has more values than the file has bytes")
    }
    try self.count(shape.count)
    // A dimension of one index is never stepped along, and its stride may be anything.
    let steps = zip(shape, strides).map { $0 == 1 ? 0 : $1 }
    let values = StridedValues(format: format, shape: shape, strides: steps, offset: offset, count: count)
    heap.tensors.append(PickleHeap.Tensor(storage: index, values: values))
    return .tensor(heap.tensors.count - 1)
  }

  /// Number of values, and of values of the storage up to the last of them; nil where they overflow.
  private func extent(_ shape: [Int], _ strides: [Int], _ offset: Int) -> (count: Int, end: Int)? {
    if shape.contains(0) { return (0, offset) }
    var (count, last) = (1, offset)
    for (length, stride) in zip(shape, strides) {
      let (product, overflow) = count.multipliedReportingOverflow(by: length)
      let (reach, overflow2) = (length - 1).multipliedReportingOverflow(by: stride)
      let (sum, overflow3) = last.addingReportingOverflow(reach)
      guard !overflow, !overflow2, !overflow3 else { return nil }
      (count, last) = (product, sum)
    }
    let (end, overflow) = last.addingReportingOverflow(1)
    return overflow ? nil : (count, end)
  }

  private func integers(_ value: PickleValue) -> [Int]? {
    guard let elements = heap.elements(of: value), elements.count <= 64 else { return nil }
    var integers: [Int] = []
    for element in elements {
      guard case .integer(let number) = element else { return nil }
      integers.append(number)
    }
    return integers
  }
}

extension PickleMachine {
  /// GLOBAL and INST: module and name in two lines.
  mutating func nextGlobal() throws(ImportError) -> PickleValue {
    let module = try text(try line())
    return try global(module, try text(try line()))
  }

  /// A class or function by name, refused unless it is on the list.
  func global(_ module: String, _ name: String) throws(ImportError) -> PickleValue {
    guard let global = PickleGlobal.named(module, name) else { throw failure(PickleGlobal.refusal(module, name)) }
    return .global(global)
  }

  func callee(_ value: PickleValue) throws(ImportError) -> PickleGlobal {
    guard case .global(let global) = value else { throw failure("tries to call \(value.typeName)") }
    return global
  }

  func arguments(_ value: PickleValue) throws(ImportError) -> [PickleValue] {
    guard case .tuple(let index) = value else { throw failure("calls something with \(value.typeName), expected a tuple") }
    return heap.sequences[index]
  }

  /// What a call would make. Nothing is run.
  mutating func call(_ callee: PickleGlobal, _ arguments: [PickleValue], nested: Bool = false) throws(ImportError) -> PickleValue {
    switch callee {
    case .dictionary(let name):
      let index = try dictionary()
      // defaultdict's argument is what makes missing values.
      if name != "collections.defaultdict", let first = arguments.first { try fill(index, from: first) }
      return .dictionary(index)
    case .list: return .list(try sequence(try elements(arguments)))
    case .tuple: return .tuple(try sequence(try elements(arguments)))
    case .set: return .set(try sequence(try elements(arguments)))
    case .bytes:
      switch arguments.first {
      case .string(let text)?: return .bytes(text.unicodeScalars.count)
      case .bytes(let count)?: return .bytes(count)
      case nil: return .bytes(0)
      case let other?: throw failure("makes bytes of \(other.typeName)")
      }
    case .rebuildTensor(let version): return try tensor(version, arguments)
    case .rebuildParameter(let name):
      guard case .tensor? = arguments.first, let tensor = arguments.first else {
        throw failure("'\(name)' needs a tensor, found \(arguments.first?.typeName ?? "nothing")")
      }
      return tensor
    case .rebuildFromType:
      // (function, type, its arguments, attributes)
      guard !nested, arguments.count >= 3, case .global(let inner) = arguments[0], case .tuple(let index) = arguments[2] else {
        throw failure("'\(callee.name)' needs a function, a type and arguments")
      }
      return try call(inner, heap.sequences[index], nested: true)
    case .reconstructor:
      guard case .global(let type)? = arguments.first else { throw failure("'\(callee.name)' needs a class") }
      if case .dictionary = type { return .dictionary(try dictionary()) }
      return try opaque(type.name)
    case .inert(let name): return try opaque(name)
    case .storage, .untypedStorage, .format: throw failure("tries to call \(callee.name)")
    }
  }

  private mutating func opaque(_ name: String) throws(ImportError) -> PickleValue {
    try count(0)
    heap.opaques.append(PickleHeap.Opaque(className: name))
    return .opaque(heap.opaques.count - 1)
  }

  /// What `list(x)` and the like would hold.
  private func elements(_ arguments: [PickleValue]) throws(ImportError) -> [PickleValue] {
    guard let first = arguments.first else { return [] }
    guard let elements = heap.elements(of: first) else { throw failure("makes a container of \(first.typeName)") }
    return elements
  }

  /// `dict(x)` of a dict or of pairs.
  private mutating func fill(_ index: Int, from source: PickleValue) throws(ImportError) {
    if let items = heap.items(of: source) {
      try count(2 * items.count)
      for item in items { heap.insert(item.key, item.value, into: index) }
      return
    }
    guard let pairs = heap.elements(of: source) else { throw failure("makes a dict of \(source.typeName)") }
    try count(2 * pairs.count)
    for pair in pairs {
      guard let pair = heap.elements(of: pair), pair.count == 2 else { throw failure("makes a dict of something else than pairs") }
      heap.insert(pair[0], pair[1], into: index)
    }
  }

  /// BUILD: attributes. Those of dicts and tensors (`_metadata`, hooks) say nothing about the weights.
  mutating func setState(_ target: PickleValue, _ state: PickleValue) throws(ImportError) {
    switch target {
    case .opaque(let index): heap.opaques[index].state = state
    case .dictionary, .tensor, .set: break
    default: throw failure("sets attributes of \(target.typeName)")
    }
  }
}

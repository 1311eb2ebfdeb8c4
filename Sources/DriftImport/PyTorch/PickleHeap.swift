/// What a pickle has built: flat tables of containers, so that nothing here or in freeing it recurses.
struct PickleHeap: Sendable {
  /// A dict: items in order of first insertion; a key that comes again takes the later value, as in Python.
  struct Dictionary: Sendable {
    var items: [(key: PickleValue, value: PickleValue)] = []
    var index: [String: Int] = [:]
  }

  /// An object of a class that is plain data.
  struct Opaque: Sendable {
    var className: String
    /// What the pickle would set its attributes from.
    var state = PickleValue.none
  }

  /// A storage: where the values of tensors lie in the file.
  struct Storage: Sendable {
    var key: String
    var format: TensorFormat
    /// Values of `format`.
    var count: Int
    /// Bytes of the file. Files without a zip table give it after the pickle.
    var range: Range<Int>?
  }

  /// A tensor as a view of a storage.
  struct Tensor: Sendable {
    var storage: Int
    var values: StridedValues
  }

  /// More is refused: no checkpoint comes near, and what a hostile file makes of few bytes stays within some hundred megabytes.
  static let (mostContainers, mostElements) = (1 << 21, 1 << 23)

  var sequences: [[PickleValue]] = []
  var dictionaries: [Dictionary] = []
  var opaques: [Opaque] = []
  var storages: [Storage] = []
  var tensors: [Tensor] = []
  private(set) var elementCount = 0

  var containerCount: Int { sequences.count + dictionaries.count + opaques.count + storages.count + tensors.count }

  /// False once there are more elements than any checkpoint has.
  mutating func count(_ elements: Int) -> Bool {
    elementCount += elements
    return elementCount <= Self.mostElements && containerCount < Self.mostContainers
  }

  mutating func insert(_ key: PickleValue, _ value: PickleValue, into dictionary: Int) {
    if case .string(let name) = key {
      if let place = dictionaries[dictionary].index[name] {
        dictionaries[dictionary].items[place].value = value
        return
      }
      dictionaries[dictionary].index[name] = dictionaries[dictionary].items.count
    }
    dictionaries[dictionary].items.append((key, value))
  }

  /// Elements of a list, tuple or set; nil for anything else.
  func elements(of value: PickleValue) -> [PickleValue]? {
    switch value {
    case .list(let index), .tuple(let index), .set(let index): sequences.indices.contains(index) ? sequences[index] : nil
    default: nil
    }
  }

  /// Items of a dict; nil for anything else.
  func items(of value: PickleValue) -> [(key: PickleValue, value: PickleValue)]? {
    guard case .dictionary(let index) = value, dictionaries.indices.contains(index) else { return nil }
    return dictionaries[index].items
  }
}

/// A value that a pickle describes: plain data, or a reference to something in the archive that it came from.
///
/// Containers are numbers into tables rather than trees of objects: values shared, nested without end or in circles cost nothing more.
public enum PickleValue: Sendable, Equatable {
  /// `None`.
  case none
  /// `True` or `False`.
  case bool(Bool)
  /// An `int` of at most 64 bits.
  case integer(Int)
  /// A longer `int`: where its bytes or digits lie in the pickle.
  case wideInteger(Range<Int>)
  /// A `float`.
  case float(Double)
  /// A `str`.
  case string(String)
  /// `bytes` or a `bytearray`, of which only the length is kept.
  case bytes(Int)
  /// A `list`; its elements are `PyTorchArchive.elements(of:)`.
  case list(Int)
  /// A `tuple` or `torch.Size`; likewise.
  case tuple(Int)
  /// A `set` or `frozenset`; likewise.
  case set(Int)
  /// A `dict` or one of its kinds; its items are `PyTorchArchive.items(of:)`.
  case dictionary(Int)
  /// A tensor: `PyTorchArchive.tensor(_:)`.
  case tensor(Int)
  /// A storage that tensors share.
  case storage(Int)
  /// An object of a class known to be plain data, not rebuilt: `PyTorchArchive.className(of:)`.
  case opaque(Int)
  /// A class or function by its name.
  case global(PickleGlobal)

  /// What Python calls its type, for error messages.
  var typeName: String {
    switch self {
    case .none: "None"
    case .bool: "a bool"
    case .integer, .wideInteger: "an int"
    case .float: "a float"
    case .string: "a str"
    case .bytes: "bytes"
    case .list: "a list"
    case .tuple: "a tuple"
    case .set: "a set"
    case .dictionary: "a dict"
    case .tensor: "a tensor"
    case .storage: "a storage"
    case .opaque: "an object"
    case .global(let global): global.name
    }
  }
}

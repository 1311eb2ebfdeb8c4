/// The classes and functions that a pickle may name. None is ever called: what each would make is known here, and anything else is refused.
public enum PickleGlobal: Sendable, Equatable {
  /// `dict`, `OrderedDict`, `defaultdict`.
  case dictionary(String)
  /// `list`.
  case list
  /// `tuple`, `torch.Size`.
  case tuple(String)
  /// `set`, `frozenset`.
  case set(String)
  /// `bytes`, `bytearray`, and the function by which old protocols write them.
  case bytes(String)
  /// `torch._utils._rebuild_tensor` and its later versions 2 and 3.
  case rebuildTensor(version: Int)
  /// `torch._utils._rebuild_parameter`, with or without state.
  case rebuildParameter(String)
  /// `torch._tensor._rebuild_from_type_v2`, for tensors with attributes.
  case rebuildFromType
  /// `copyreg._reconstructor`, by which old protocols write objects.
  case reconstructor
  /// `torch.FloatStorage` and the like.
  case storage(TensorFormat)
  /// `torch.storage.UntypedStorage`, which counts bytes.
  case untypedStorage
  /// `torch.float32` and the like.
  case format(TensorFormat)
  /// A class of plain data, by its full name.
  case inert(String)

  /// The full name.
  public var name: String {
    switch self {
    case .dictionary(let name), .tuple(let name), .set(let name), .bytes(let name), .rebuildParameter(let name), .inert(let name):
      name
    case .list: "builtins.list"
    case .rebuildTensor(let version): "torch._utils._rebuild_tensor" + (version == 1 ? "" : "_v\(version)")
    case .rebuildFromType: "torch._tensor._rebuild_from_type_v2"
    case .reconstructor: "copyreg._reconstructor"
    case .storage(let format): "torch storage of \(format.rawValue)"
    case .untypedStorage: "torch.storage.UntypedStorage"
    case .format(let format): "torch number format \(format.rawValue)"
    }
  }
}

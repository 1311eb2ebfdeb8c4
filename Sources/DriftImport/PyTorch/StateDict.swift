import DriftGraph

/// The tensors of a PyTorch archive that make up a model, by name.
public struct StateDict: TensorSource, Sendable {
  /// Which weights to take where an archive has both.
  public enum Weights: Sendable {
    /// The exponential moving average, which samples better.
    case averaged
    /// What the optimizer left.
    case trained
  }

  /// The archive it came from.
  public let archive: PyTorchArchive
  /// Names in the archive's order.
  public let names: [String]
  /// What was chosen, for people: the path of keys to the dict, whether these are averages, and what was taken off the names.
  public let chosen: String
  /// Whether the weights are known to be moving averages.
  public let isAveraged: Bool
  /// Items beside the tensors that are not used, such as counters and options.
  public let ignored: [String]
  private let entries: [String: TensorEntry]

  /// The archive's file.
  public var path: String { archive.path }

  init(
    _ archive: PyTorchArchive, _ tensors: [(name: String, entry: TensorEntry)], chosen: String, isAveraged: Bool, ignored: [String]
  ) {
    self.archive = archive
    names = tensors.map(\.name)
    entries = Dictionary(tensors.map { ($0.name, $0.entry) }) { first, _ in first }
    self.chosen = chosen
    self.isAveraged = isAveraged
    self.ignored = ignored
  }

  /// How a tensor is stored; nil if there is none of this name.
  public func entry(of name: String) -> TensorEntry? { entries[name] }

  /// Shape of a tensor; nil if there is none of this name.
  public func shape(of name: String) -> [Int]? { entries[name]?.shape }

  /// Values of a tensor as float32.
  public func parameter(_ name: String) throws(ImportError) -> Parameter {
    guard let entry = entries[name] else { throw ImportError(path, "has no tensor '\(name)'") }
    return try archive.parameter(entry, name)
  }
}

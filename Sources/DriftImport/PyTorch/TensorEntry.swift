/// A tensor of a PyTorch archive: how it views which storage.
public struct TensorEntry: Sendable, Equatable {
  /// Number format.
  public var format: TensorFormat
  /// Lengths of the dimensions, outermost first; empty for a single value.
  public var shape: [Int]
  /// Distance from one index to the next of each dimension, in values; 0 where all indices are the same value.
  public var strides: [Int]
  /// Key of the storage, which other tensors may share.
  public var storage: String
  /// Values in front of the first one.
  public var offset: Int
  let index: Int
}

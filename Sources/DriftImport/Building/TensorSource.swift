import DriftGraph

/// A file, or several that belong together, from which trained tensors are read by name.
protocol TensorSource {
  /// What errors call it.
  var path: String { get }
  /// Names of all tensors.
  var names: [String] { get }
  /// Shape of a tensor as PyTorch has it; nil if there is none of this name.
  func shape(of name: String) -> [Int]?
  /// Values of a tensor as float32. Values that are not finite are refused.
  func parameter(_ name: String) throws(ImportError) -> Parameter
}

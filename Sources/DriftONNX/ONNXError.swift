/// An ONNX model that cannot be read: which file, which part of it, what is wrong, what to do.
public struct ONNXError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file.
  public var path: String
  /// What is wrong with it, naming the node or tensor.
  public var problem: String

  /// An error about a file.
  public init(_ path: String, _ problem: String) {
    self.path = path
    self.problem = problem
  }

  /// One sentence for people: the file, then the problem.
  public var description: String { "\(path): \(problem)" }
}

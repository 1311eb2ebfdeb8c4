/// A checkpoint that cannot be read: which file, which part of it, what is wrong, what was expected.
public struct ImportError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file or folder.
  public var path: String
  /// What is wrong with it, naming the tensor or key, and what to do.
  public var problem: String

  /// An error about a file.
  public init(_ path: String, _ problem: String) {
    self.path = path
    self.problem = problem
  }

  /// One sentence for people: the file, then the problem.
  public var description: String { "\(path): \(problem)" }
}

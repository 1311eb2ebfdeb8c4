/// Guidance cannot be made cheaper, and why.
public struct GuidanceError: Error, Sendable, CustomStringConvertible {
  /// What is wrong and what to do.
  public var description: String

  init(_ description: String) { self.description = description }
}

/// Why a file, a request or a session was refused: what went wrong, where, and the two numbers that disagree.
///
/// The payload is trivial, so that an error costs no memory on a board. Text comes from ``DriftErrorCode/message``.
public struct DriftError: Error, Equatable, Sendable {
  /// The rule that was broken.
  public var code: DriftErrorCode
  /// Byte offset in the file of the field or byte at fault; 0 for errors that do not come from a file.
  public var offset: UInt64
  /// The value, or the bound, that the rule asks for. Signed values are sign-extended.
  public var expected: UInt64
  /// The value that was found.
  public var found: UInt64

  /// Makes an error.
  public init(_ code: DriftErrorCode, offset: UInt64 = 0, expected: UInt64 = 0, found: UInt64 = 0) {
    self.code = code
    self.offset = offset
    self.expected = expected
    self.found = found
  }
}

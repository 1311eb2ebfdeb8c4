extension DriftErrorCode {
  /// One sentence for people.
  public var message: StaticString {
    "the file or the request was refused"
  }
}

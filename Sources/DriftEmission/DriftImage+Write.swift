extension DriftImage {
  /// Encodes, verifies and writes the file: beside the destination first, then renamed over it, so that a failure (a full disk, say)
  /// leaves neither a part of the new file nor damage to an old one.
  ///
  /// - Throws: ``EmissionError`` of ``encode()``, or ``EmissionError/system(operation:path:reason:)``.
  public func write(to path: String) throws(EmissionError) {
    try AtomicFile.write(encode(), to: path)
  }
}

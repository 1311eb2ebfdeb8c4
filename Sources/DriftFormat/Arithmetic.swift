extension UInt64 {
  /// The next multiple of a power of two. The value is far from the type's limit wherever this is called: it is a file offset.
  package func roundedUp(to multiple: UInt64) -> UInt64 {
    (self &+ (multiple &- 1)) & ~(multiple &- 1)
  }
}

extension UnsafeRawBufferPointer {
  /// Position of the first byte that is not zero within a range that lies inside the buffer.
  func firstNonzero(from start: Int, to end: Int) -> Int? {
    var index = start
    while index < end {
      if self[index] != 0 { return index }
      index += 1
    }
    return nil
  }
}

import CDriftFormat

/// CRC-32C as the file uses it.
public enum FileChecksum {
  /// Checksum of a section's bytes.
  public static func of(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    drift_crc32c(0, bytes.baseAddress, bytes.count)
  }

  /// Checksum of the header and the section table, the checksum field itself taken as zero.
  ///
  /// - Parameter bytes: a file that is long enough for its header and `sectionCount` section records.
  public static func ofHeader(_ bytes: UnsafeRawBufferPointer, sectionCount: UInt32) -> UInt32 {
    let length = Int(DRIFT_HEADER_BYTES) + Int(sectionCount) * MemoryLayout<drift_section>.size
    let field = DRIFT_AT_header_header_checksum
    var zero: UInt32 = 0
    var checksum = drift_crc32c(0, bytes.baseAddress, field)
    checksum = drift_crc32c(checksum, &zero, 4)
    return drift_crc32c(checksum, bytes.baseAddress.unsafelyUnwrapped + field + 4, length - field - 4)
  }
}

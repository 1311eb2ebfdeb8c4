/// Writes 8-bit grey or RGB pictures as PNG (ISO/IEC 15948) into memory of the caller's. Pixels are stored, not compressed: that
/// needs no working memory, and the size is known beforehand.
public struct PNGEncoder: Sendable {
  /// Pixels in a row.
  public let width: Int
  /// Rows.
  public let height: Int
  /// 1 (grey) or 3 (RGB).
  public let channels: Int

  /// Largest payload of a stored block of DEFLATE (RFC 1951).
  private static let largestBlock = 65535

  /// An encoder for pictures of one size; nil for a size or a number of channels that PNG cannot hold in 31 bits of bytes.
  public init?(width: Int, height: Int, channels: Int) {
    guard width > 0, height > 0, width <= 1 << 24, height <= 1 << 24, channels == 1 || channels == 3 else { return nil }
    let (bytes, overflow) = (width * channels + 16).multipliedReportingOverflow(by: height)
    guard !overflow, bytes <= Int(Int32.max) - 1024 else { return nil }
    self.width = width
    self.height = height
    self.channels = channels
  }

  /// Bytes of the file.
  public var byteCount: Int { 8 + (12 + 13) + (12 + dataBytes) + 12 }

  private var rowBytes: Int { width * channels }

  /// Bytes of the compressed stream: header, the blocks of each row with its filter byte, checksum.
  private var dataBytes: Int {
    let blocks = (rowBytes + 1 + Self.largestBlock - 1) / Self.largestBlock
    return 2 + height * (blocks * 5 + rowBytes + 1) + 4
  }

  /// Writes the file.
  /// - Parameters:
  ///   - pixels: `[height][width][channels]`.
  ///   - output: At least ``byteCount`` bytes.
  /// - Returns: False if either buffer is too short; then nothing is written.
  public func encode(_ pixels: UnsafeBufferPointer<UInt8>, into output: UnsafeMutableRawBufferPointer) -> Bool {
    guard pixels.count >= rowBytes * height, output.count >= byteCount else { return false }
    var writer = ByteWriter(output)
    writer.append(0x8950_4E47)
    writer.append(0x0D0A_1A0A)

    writer.beginChunk(0x4948_4452, length: 13)  // IHDR
    writer.append(UInt32(width))
    writer.append(UInt32(height))
    writer.append(byte: 8)
    writer.append(byte: channels == 1 ? 0 : 2)
    for _ in 0..<3 { writer.append(byte: 0) }
    writer.endChunk()

    writer.beginChunk(0x4944_4154, length: UInt32(dataBytes))  // IDAT
    writer.append(byte: 0x78)
    writer.append(byte: 0x01)
    var checksum = Adler32()
    for y in 0..<height {
      encode(
        row: UnsafeBufferPointer(rebasing: pixels[y * rowBytes..<(y + 1) * rowBytes]), isLast: y == height - 1, &checksum, &writer)
    }
    writer.append(checksum.value)
    writer.endChunk()

    writer.beginChunk(0x4945_4E44, length: 0)  // IEND
    writer.endChunk()
    return true
  }

  /// A row behind its filter byte ("none"), as stored blocks.
  private func encode(row: UnsafeBufferPointer<UInt8>, isLast: Bool, _ checksum: inout Adler32, _ writer: inout ByteWriter) {
    var position = -1
    while position < row.count {
      let count = min(row.count - position, Self.largestBlock)
      writer.append(byte: isLast && position + count == row.count ? 1 : 0)
      let length = UInt16(truncatingIfNeeded: count)
      writer.append(littleEndian: length)
      writer.append(littleEndian: ~length)
      for index in position..<position + count {
        let byte = index < 0 ? 0 : row[index]
        checksum.add(byte)
        writer.append(byte: byte)
      }
      position += count
    }
  }
}

/// Appends bytes to memory of the caller's and knows the chunks of a PNG file. The caller has made sure that all will fit.
struct ByteWriter {
  private let output: UnsafeMutableRawBufferPointer
  private var count = 0
  private var chunkStart = 0

  init(_ output: UnsafeMutableRawBufferPointer) {
    self.output = output
  }

  mutating func append(byte: UInt8) {
    output[count] = byte
    count += 1
  }

  /// The most significant byte first, as PNG has it.
  mutating func append(_ word: UInt32) {
    for index: UInt32 in 0..<4 {
      append(byte: UInt8(truncatingIfNeeded: word &>> (24 &- index &* 8)))
    }
  }

  mutating func append(littleEndian value: UInt16) {
    append(byte: UInt8(truncatingIfNeeded: value))
    append(byte: UInt8(truncatingIfNeeded: value &>> 8))
  }

  /// Length and type of a chunk; `length` bytes must follow before ``endChunk()``.
  mutating func beginChunk(_ type: UInt32, length: UInt32) {
    append(length)
    chunkStart = count
    append(type)
  }

  /// The chunk's checksum, over its type and its data.
  mutating func endChunk() {
    append(CRC32.checksum(of: UnsafeRawBufferPointer(rebasing: output[chunkStart..<count])))
  }
}

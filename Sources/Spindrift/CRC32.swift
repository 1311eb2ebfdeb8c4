/// The cyclic redundancy check of PNG chunks: ISO/IEC 15948, annex D.
enum CRC32 {
  private static let polynomial: UInt32 = 0xEDB8_8320

  static func checksum(of bytes: UnsafeRawBufferPointer) -> UInt32 {
    // Four bits at a time: a table of 16 words is made on the stack faster than 256 are fetched.
    var table = InlineArray<16, UInt32>(repeating: 0)
    for index in 0..<16 {
      var word = UInt32(truncatingIfNeeded: index)
      for _ in 0..<4 { word = word & 1 == 0 ? word &>> 1 : word &>> 1 ^ polynomial }
      table[index] = word
    }
    var remainder = ~UInt32(0)
    for byte in bytes {
      remainder ^= UInt32(byte)
      for _ in 0..<2 { remainder = table[Int(truncatingIfNeeded: remainder & 15)] ^ remainder &>> 4 }
    }
    return ~remainder
  }
}

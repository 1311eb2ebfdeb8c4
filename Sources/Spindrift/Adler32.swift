/// The checksum of a zlib stream: RFC 1950, section 8.2.
struct Adler32 {
  private var a: UInt32 = 1
  private var b: UInt32 = 0

  mutating func add(_ byte: UInt8) {
    a &+= UInt32(byte)
    if a >= 65521 { a &-= 65521 }
    b &+= a
    if b >= 65521 { b &-= 65521 }
  }

  var value: UInt32 { b &<< 16 | a }
}

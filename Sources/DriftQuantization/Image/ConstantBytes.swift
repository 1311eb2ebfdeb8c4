/// Constants as the file holds them: little-endian.
enum ConstantBytes {
  /// float32; magnitudes below 2^-100, which the format does not hold, become 0.
  static func floats(_ values: [Float]) -> [UInt8] {
    values.flatMap { value in
      withUnsafeBytes(of: (abs(value) < 0x1p-100 ? 0 : value).bitPattern.littleEndian, Array.init)
    }
  }

  /// int32.
  static func integers(_ values: [Int32]) -> [UInt8] {
    values.flatMap { withUnsafeBytes(of: $0.littleEndian, Array.init) }
  }
}

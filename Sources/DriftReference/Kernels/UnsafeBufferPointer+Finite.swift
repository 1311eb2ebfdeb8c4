extension UnsafeBufferPointer<Float> {
  /// Whether no value is NaN or infinite.
  var allFinite: Bool {
    guard let base = baseAddress else { return true }
    // Zero times a value is zero, but NaN if the value is not finite, and NaN stays in the sum.
    var sum = SIMD8<Float>.zero
    var index = 0
    while index + 8 <= count {
      sum += UnsafeRawPointer(base + index).loadUnaligned(as: SIMD8<Float>.self) * 0
      index += 8
    }
    while index < count {
      sum[0] += base[index] * 0
      index += 1
    }
    return sum.sum() == 0
  }
}

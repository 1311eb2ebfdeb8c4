/// exp(x) for many values at once, within 2 units in the last place.
enum Exponential {
  /// Eight exponentials. Arguments are clamped to [-87, 88], where results are normal numbers.
  @inline(__always)
  static func of(_ x: SIMD8<Float>) -> SIMD8<Float> {
    let bounded = bound(x, -87, 88)
    // Adding 1.5 * 2^23 rounds to an integer n, which then stands in the low bits of the sum.
    let magic = SIMD8<Float>(repeating: 12_582_912)
    let shifted = bounded * 1.442_695_04 + magic
    let n = shifted - magic
    // x = n * ln 2 + r; the first part of ln 2 has few enough bits that n times it is exact.
    let r = (bounded - n * 0.693_359_375) + n * 2.121_944_4e-4
    // Least-squares fit of (exp(r) - 1 - r) / r^2 on |r| <= ln(2) / 2; relative error of the whole 5e-9.
    var polynomial = SIMD8<Float>(repeating: 0.001_394_757)
    polynomial = polynomial * r + 0.008_369_865
    polynomial = polynomial * r + 0.041_666_247
    polynomial = polynomial * r + 0.166_665_092
    polynomial = polynomial * r + 0.5
    let value = (polynomial * r) * r + r + 1
    let exponent = unsafeBitCast(shifted, to: SIMD8<UInt32>.self) &<< 23
    return unsafeBitCast(unsafeBitCast(value, to: SIMD8<UInt32>.self) &+ exponent, to: SIMD8<Float>.self)
  }

  /// Clamps all values. The standard library's own clamp is not inlined here.
  @inline(__always)
  static func bound(_ x: SIMD8<Float>, _ low: Float, _ high: Float) -> SIMD8<Float> {
    let raised = x.replacing(with: low, where: x .< low)
    return raised.replacing(with: high, where: raised .> high)
  }

  /// Replaces values by their exponentials.
  static func replace(_ values: UnsafeMutablePointer<Float>, _ count: Int) {
    map(values, into: values, count) { of($0) }
  }

  /// Applies a function to all values, eight at a time; the last group is filled up with zeros.
  @inline(__always)
  static func map(
    _ values: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>, _ count: Int,
    _ function: (SIMD8<Float>) -> SIMD8<Float>
  ) {
    var i = 0
    while i + 8 <= count {
      let x = UnsafeRawPointer(values + i).loadUnaligned(as: SIMD8<Float>.self)
      UnsafeMutableRawPointer(out + i).storeBytes(of: function(x), as: SIMD8<Float>.self)
      i += 8
    }
    guard i < count else { return }
    var x = SIMD8<Float>.zero
    for lane in 0..<count - i { x[lane] = values[i + lane] }
    let y = function(x)
    for lane in 0..<count - i { out[i + lane] = y[lane] }
  }
}

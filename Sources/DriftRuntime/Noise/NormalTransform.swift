import CDriftKernels

/// Box and Muller's transform in a fixed order of f32 operations, so that every CPU gives the same bits: docs/arithmetic.md, "Noise".
///
/// The polynomials are our own least-maximum fits over the reduced ranges; each function's error against the real value stays
/// below 2^-22 relative to the larger of the value and the range's end (measured in the tests).
package enum NormalTransform {
  /// Two independent normal values from two random words.
  @inline(__always)
  package static func pair(_ first: UInt32, _ second: UInt32) -> (Float, Float) {
    let radius = drift_sqrt(2 * negatedLogarithm((first &>> 8) &+ 1))
    let (sine, cosine) = sineAndCosine(second &>> 8)
    return (radius * cosine, radius * sine)
  }

  /// `-ln(n * 2^-24)` for n in 1...2^24.
  @inline(__always)
  package static func negatedLogarithm(_ n: UInt32) -> Float {
    // n = m * 2^e with m in [sqrt(1/2), sqrt(2)): subtracting the bits of sqrt(1/2) makes the exponent field carry at the right place.
    let bits = drift_f32_from_i32(Int32(truncatingIfNeeded: n)).bitPattern
    let e = Int32(truncatingIfNeeded: bits &- 0x3F35_04F3) &>> 23
    let f = Float(bitPattern: bits &- UInt32(truncatingIfNeeded: e &<< 23)) - 1
    var p: Float = -0.07859611511230469
    p = p * f + 0.12881647050380707
    p = p * f + -0.13128754496574402
    p = p * f + 0.14181192219257355
    p = p * f + -0.16624553501605988
    p = p * f + 0.2000228613615036
    p = p * f + -0.25000810623168945
    p = p * f + 0.33333316445350647
    let square = f * f
    let logarithm = f - (square * 0.5 - (square * f) * p)
    // ln 2 in two parts, the first short enough for an exact product.
    let k = drift_f32_from_i32(24 &- e)
    return (k * 0.693145751953125 - logarithm) + k * 1.4286068203094172e-06
  }

  /// Sine and cosine of `2*pi * t * 2^-24` for t in 0..<2^24.
  @inline(__always)
  package static func sineAndCosine(_ t: UInt32) -> (Float, Float) {
    // The nearest quarter turn is taken off in integers; what remains lies in [-pi/4, pi/4).
    let quarter = (t &+ (1 &<< 21)) &>> 22
    let rest = Int32(truncatingIfNeeded: t) &- Int32(truncatingIfNeeded: quarter &<< 22)
    let a = drift_f32_from_i32(rest) * 3.7450702829238413e-07
    let z = a * a
    var s: Float = -0.0001951729936990887
    s = s * z + 0.008332177996635437
    s = s * z + -0.16666655242443085
    s = s * (z * a) + a
    var c: Float = 2.4438451873720624e-05
    c = c * z + -0.001388736767694354
    c = c * z + 0.04166664555668831
    c = (c * (z * z) - 0.5 * z) + 1
    switch quarter & 3 {
    case 0: return (s, c)
    case 1: return (c, -s)
    case 2: return (-s, -c)
    default: return (-c, s)
    }
  }
}

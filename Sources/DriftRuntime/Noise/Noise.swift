import CDriftKernels
import DriftFormat

/// Standard normal noise, the same bits on every CPU: docs/arithmetic.md, "Noise".
public enum Noise {
  /// Stream of the noise from which sampling starts; the noise that step i adds is stream `1 + i`.
  public static let startingStream: UInt32 = 0

  /// Fills `out` with one sample's noise in NCHW order.
  /// - Parameters:
  ///   - seed: The request's seed.
  ///   - stream: 0 for the starting noise, 1 + i for step i.
  ///   - sample: Index of the sample within the request.
  public static func fillNormal(_ out: UnsafeMutableBufferPointer<Float>, seed: UInt64, stream: UInt32, sample: UInt32) {
    guard let base = out.baseAddress else { return }
    fillNormal(base, channels: 1, pixels: out.count, seed: seed, stream: stream, sample: sample)
  }

  /// The same values, stored with the channels of a pixel side by side (NHWC): value c * pixels + p goes to p * channels + c.
  package static func fillNormal(
    _ out: UnsafeMutablePointer<Float>, channels: Int, pixels: Int, seed: UInt64, stream: UInt32, sample: UInt32
  ) {
    var (channel, pixel) = (0, 0)
    let count = channels &* pixels
    var index = 0
    while index < count {
      var values = SIMD16<Float>.zero
      withUnsafeMutableBytes(of: &values) { bytes in
        guard let first = bytes.baseAddress else { return }
        drift_normal_16(
          seed, stream, sample, UInt32(truncatingIfNeeded: index &>> 2), first.assumingMemoryBound(to: Float.self))
      }
      var lane = 0
      while lane < 16 && index < count {
        out[pixel &* channels &+ channel] = values[lane]
        pixel &+= 1
        if pixel == pixels {
          pixel = 0
          channel &+= 1
        }
        lane &+= 1
        index &+= 1
      }
    }
  }

  /// Values 4*index ... 4*index + 3 of a stream: the definition, which `drift_normal_16` follows for four blocks at a time.
  @inline(__always)
  package static func block(_ index: UInt32, seed: UInt64, stream: UInt32, sample: UInt32) -> SIMD4<Float> {
    let words = Philox.block(
      counter: (index, stream, sample, 0),
      key: (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed &>> 32)))
    let (a, b) = NormalTransform.pair(words.0, words.1)
    let (c, d) = NormalTransform.pair(words.2, words.3)
    return SIMD4(a, b, c, d)
  }
}

import DriftFormat

/// From the values of a sample to bytes of a picture, in fixed f32 operations: the same pixels on every CPU, here and on the board.
public struct PixelMapping: Sendable {
  /// The value that becomes 0.
  public let low: Float
  private let factor: Float

  /// Maps `low` to 0 and `high` to 255; `low < high`.
  public init(low: Float, high: Float) {
    self.low = low
    factor = 255 / (high - low)
  }

  /// The pixel of a value: `(value - low) * (255 / (high - low))`, clamped to 0...255, rounded half up. NaN becomes 0.
  @inline(__always)
  public func byte(_ value: Float) -> UInt8 {
    let scaled = (value - low) * factor
    let clamped: Float = scaled > 0 ? (scaled < 255 ? scaled : 255) : 0
    return UInt8(truncatingIfNeeded: Int32(clamped + 0.5))
  }
}

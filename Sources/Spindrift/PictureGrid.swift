/// Pictures of equal size side by side in one picture, without gaps, row by row. Cells that remain keep what they held. Pixels are
/// `[height][width][channels]` bytes.
public struct PictureGrid: Sendable {
  /// Channels of a pixel.
  public let channels: Int
  /// Rows of pixels of one picture.
  public let cellHeight: Int
  /// Columns of pixels of one picture.
  public let cellWidth: Int
  /// Pictures side by side.
  public let columns: Int
  /// Pictures one above the other.
  public let rows: Int

  /// A grid of `count` pictures in `ceil(sqrt(count))` columns.
  public init?(count: Int, channels: Int, height: Int, width: Int) {
    guard count > 0, count < 1 << 20 else { return nil }
    var columns = 1
    while columns * columns < count { columns += 1 }
    self.init(count: count, columns: columns, channels: channels, height: height, width: width)
  }

  /// A grid of `count` pictures in a given number of columns. Nil if any number is not positive, or if its bytes cannot be counted
  /// in 31 bits.
  public init?(count: Int, columns: Int, channels: Int, height: Int, width: Int) {
    guard count > 0, count < 1 << 20, columns > 0, channels > 0, height > 0, width > 0 else { return nil }
    let rows = (count - 1) / columns + 1
    guard let pixels = Self.product(columns, width, rows, height), let bytes = Self.product(pixels, channels, 1, 1),
      bytes <= Int(Int32.max)
    else { return nil }
    self.channels = channels
    cellHeight = height
    cellWidth = width
    self.columns = columns
    self.rows = rows
  }

  /// Width of the whole, in pixels.
  public var width: Int { columns * cellWidth }

  /// Height of the whole, in pixels.
  public var height: Int { rows * cellHeight }

  /// Bytes of the whole.
  public var byteCount: Int { width * height * channels }

  /// Puts a sample into its cell.
  /// - Parameters:
  ///   - sample: One sample, planar: `[channels][cellHeight][cellWidth]`.
  ///   - index: Which cell, row by row.
  ///   - canvas: ``byteCount`` bytes.
  public func place(
    _ sample: UnsafeBufferPointer<Float>, at index: Int, mapping: PixelMapping, in canvas: UnsafeMutableBufferPointer<UInt8>
  ) {
    guard index >= 0, index < rows * columns, canvas.count >= byteCount, sample.count >= channels * cellHeight * cellWidth else {
      return
    }
    let top = index / columns * cellHeight
    let left = index % columns * cellWidth
    for y in 0..<cellHeight {
      var pixel = ((top + y) * width + left) * channels
      for x in 0..<cellWidth {
        for channel in 0..<channels {
          canvas[pixel + channel] = mapping.byte(sample[(channel * cellHeight + y) * cellWidth + x])
        }
        pixel += channels
      }
    }
  }

  private static func product(_ a: Int, _ b: Int, _ c: Int, _ d: Int) -> Int? {
    let (ab, first) = a.multipliedReportingOverflow(by: b)
    let (cd, second) = c.multipliedReportingOverflow(by: d)
    let (all, third) = ab.multipliedReportingOverflow(by: cd)
    return first || second || third ? nil : all
  }
}

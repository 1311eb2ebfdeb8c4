/// Features of a picture for models that come without a feature network: its pixels, averaged over areas until each channel has at most 8x8.
public struct PixelFeatures: Sendable {
  /// Largest number of rows and of columns that is left.
  public static let side = 8

  /// Size of the pictures, channels first.
  public var channels: Int
  /// Rows of a picture.
  public var height: Int
  /// Columns of a picture.
  public var width: Int

  /// For pictures of one size.
  public init(channels: Int, height: Int, width: Int) {
    self.channels = channels
    self.height = height
    self.width = width
  }

  /// Means of the areas, [channels][rows][columns]. Areas differ by one pixel at most in each direction where the size does not divide.
  /// - Parameter picture: [channels][height][width]
  public func callAsFunction(_ picture: [Float]) -> [Float] {
    let rows = min(height, Self.side), columns = min(width, Self.side)
    var result: [Float] = []
    result.reserveCapacity(channels * rows * columns)
    for channel in 0..<channels {
      for row in 0..<rows {
        for column in 0..<columns {
          var sum: Float = 0
          let ys = row * height / rows..<(row + 1) * height / rows
          let xs = column * width / columns..<(column + 1) * width / columns
          for y in ys {
            for x in xs { sum += picture[(channel * height + y) * width + x] }
          }
          result.append(sum / Float(ys.count * xs.count))
        }
      }
    }
    return result
  }
}

/// Size of a value that flows through a graph: one sample, channels first. Vectors are `channels` x 1 x 1.
public struct Shape: Hashable, Sendable, CustomStringConvertible {
  /// Number of channels.
  public var channels: Int
  /// Rows.
  public var height: Int
  /// Columns.
  public var width: Int

  /// A picture, or a vector if height and width are left out.
  public init(channels: Int, height: Int = 1, width: Int = 1) {
    self.channels = channels
    self.height = height
    self.width = width
  }

  /// Values of one sample.
  public var count: Int { channels * height * width }

  /// Pixels of one sample; tokens of an attention.
  public var pixels: Int { height * width }

  /// As in `64x8x8`: channels, height, width.
  public var description: String { "\(channels)x\(height)x\(width)" }
}

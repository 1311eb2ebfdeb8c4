/// Size of a value that flows through a graph: one sample, channels first. Vectors are `channels` x 1 x 1.
public struct Shape: Hashable, Sendable, CustomStringConvertible {
  public var channels: Int
  public var height: Int
  public var width: Int

  public init(channels: Int, height: Int = 1, width: Int = 1) {
    self.channels = channels
    self.height = height
    self.width = width
  }

  /// Values of one sample.
  public var count: Int { channels * height * width }

  /// Pixels of one sample; tokens of an attention.
  public var pixels: Int { height * width }

  public var description: String { "\(channels)x\(height)x\(width)" }
}

import CDriftFormat
import DriftFormat

/// Samples in memory: [height][width][channels] in the arena, NCHW outside.
extension Session {
  var channels: Int { Int(truncatingIfNeeded: file.model.sample_channels) }

  var pixels: Int {
    Int(truncatingIfNeeded: file.model.sample_height) &* Int(truncatingIfNeeded: file.model.sample_width)
  }

  var pictureChannels: Int { Int(truncatingIfNeeded: file.model.picture_channels) }

  var picturePixels: Int {
    Int(truncatingIfNeeded: file.model.picture_height) &* Int(truncatingIfNeeded: file.model.picture_width)
  }

  var stateBuffer: UnsafeMutableBufferPointer<Float> { buffer(file.model.state_tensor) }

  /// A float32 tensor of the sample's shape; empty for DRIFT_NONE.
  func buffer(_ tensor: Int32) -> UnsafeMutableBufferPointer<Float> { buffer(tensor, count: sampleCount) }

  func buffer(_ tensor: Int32, count: Int) -> UnsafeMutableBufferPointer<Float> {
    guard tensor.isPresent else { return UnsafeMutableBufferPointer(start: nil, count: 0) }
    let offset = Int(truncatingIfNeeded: file.tensors[Int(truncatingIfNeeded: tensor)].arena_offset)
    return UnsafeMutableBufferPointer(start: (arena + offset).assumingMemoryBound(to: Float.self), count: count)
  }

  func interleave(_ planar: UnsafePointer<Float>, into values: UnsafeMutablePointer<Float>) {
    for c in 0..<channels {
      for p in 0..<pixels { values[p &* channels &+ c] = planar[c &* pixels &+ p] }
    }
  }

  func deinterleave(_ values: UnsafePointer<Float>, into planar: UnsafeMutablePointer<Float>) {
    deinterleave(values, channels: channels, pixels: pixels, into: planar)
  }

  func deinterleave(
    _ values: UnsafePointer<Float>, channels: Int, pixels: Int, into planar: UnsafeMutablePointer<Float>
  ) {
    for c in 0..<channels {
      for p in 0..<pixels { planar[c &* pixels &+ p] = values[p &* channels &+ c] }
    }
  }
}

import DriftFormat
import DriftTool
import Spindrift

/// All memory that the daemon works in, taken once at its start.
struct Workplace: ~Copyable {
  let arena: MappedMemory
  /// One picture as the session delivers it.
  let sample: MappedMemory
  /// Starting noise of one sample.
  let noise: MappedMemory
  /// Pixels of a picture, and the PNG file made of them behind; just a byte if the model's samples are no pictures.
  let picture: MappedMemory
  /// Nil if the model's samples are no pictures.
  let encoder: PNGEncoder?

  init(for model: borrowing Model, threads: Int) throws(ExitStatus) {
    let facts = model.file.model
    let encoder = PNGEncoder(
      width: Int(facts.picture_width), height: Int(facts.picture_height), channels: Int(facts.picture_channels))
    let values = UInt64(model.pictureCount)
    let arena = try Workplace.memory(model.arenaBytes(threads: threads))
    let sample = try Workplace.memory(values * 4)
    let noise = try Workplace.memory(UInt64(model.sampleCount) * 4)
    let picture = try Workplace.memory(encoder.map { values + UInt64($0.byteCount) } ?? 1)
    self.arena = arena
    self.sample = sample
    self.noise = noise
    self.picture = picture
    self.encoder = encoder
  }

  /// A sample as a PNG file; empty if that is not possible.
  func png(of model: borrowing Model) -> UnsafeRawBufferPointer {
    let facts = model.file.model
    guard let encoder,
      let grid = PictureGrid(count: 1, channels: encoder.channels, height: encoder.height, width: encoder.width)
    else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    let pixels = UnsafeMutableRawBufferPointer(rebasing: picture.bytes[..<grid.byteCount]).bindMemory(to: UInt8.self)
    let file = UnsafeMutableRawBufferPointer(rebasing: picture.bytes[grid.byteCount...])
    grid.place(
      UnsafeBufferPointer(sample.floats), at: 0, mapping: PixelMapping(low: facts.data_low, high: facts.data_high), in: pixels)
    guard encoder.encode(UnsafeBufferPointer(pixels), into: file) else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(file)
  }

  private static func memory(_ count: UInt64) throws(ExitStatus) -> MappedMemory {
    guard let memory = MappedMemory(count) else {
      StandardError.write("spindriftd: not enough memory: ")
      StandardError.write(count)
      StandardError.write(" bytes are needed\n")
      throw .failed
    }
    return memory
  }
}

import DriftFormat
import DriftTool
import Spindrift

/// `-o`: the samples as pictures in one PNG file. Does nothing if it was not asked for.
struct PictureFile: ~Copyable {
  private struct Canvas: ~Copyable {
    var file: OutputFile
    let grid: PictureGrid
    let encoder: PNGEncoder
    let pixels: MappedMemory
  }

  private var canvas: Canvas?
  private let mapping: PixelMapping

  init(_ path: UnsafePointer<CChar>?, _ model: borrowing Model, count: Int) throws(ExitStatus) {
    mapping = model.pixelMapping
    guard let path else {
      canvas = nil
      return
    }
    let facts = model.file.model
    let channels = Int(facts.picture_channels)
    guard channels == 1 || channels == 3 else {
      throw PictureFile.refuse("PNG holds pictures of 1 or 3 channels, this model makes ", channels, "; use --raw OUT.npy")
    }
    guard
      let grid = PictureGrid(
        count: count, channels: channels, height: Int(facts.picture_height), width: Int(facts.picture_width)),
      let encoder = PNGEncoder(width: grid.width, height: grid.height, channels: channels)
    else { throw PictureFile.refuse("too many pictures for one PNG file: ", count, "; use --raw OUT.npy") }
    canvas = Canvas(
      file: try OutputFile(path), grid: grid, encoder: encoder,
      pixels: try MappedMemory(UInt64(grid.byteCount), for: "the picture"))
  }

  /// Puts a sample into its cell.
  mutating func take(_ sample: UnsafeBufferPointer<Float>, at index: Int) {
    guard let grid = canvas?.grid, let pixels = canvas?.pixels.bytes else { return }
    grid.place(sample, at: index, mapping: mapping, in: pixels.bindMemory(to: UInt8.self))
  }

  mutating func finish() throws(ExitStatus) {
    guard let encoder = canvas?.encoder, let pixels = canvas?.pixels.bytes.bindMemory(to: UInt8.self) else { return }
    let encoded = try MappedMemory(UInt64(encoder.byteCount), for: "the PNG file")
    guard encoder.encode(UnsafeBufferPointer(pixels), into: encoded.bytes) else { throw .failed }
    try canvas?.file.write(UnsafeRawBufferPointer(encoded.bytes))
    try canvas?.file.commit()
  }

  private static func refuse(_ message: StaticString, _ number: Int, _ advice: StaticString) -> ExitStatus {
    StandardError.begin()
    StandardError.write(message)
    StandardError.write(number)
    StandardError.write(advice)
    StandardError.write("\n")
    return .failed
  }
}

import CPNG

/// An 8-bit picture as a PNG file in memory.
enum PNGFile {
  /// Refuses pictures of other channels than 1 or 3.
  /// - Parameter instead: what to do.
  static func check(channels: Int, instead: String) throws(CommandError) {
    guard channels == 1 || channels == 3 else {
      throw CommandError("a picture of \(channels) channels cannot be a PNG file (1 or 3 can); \(instead)")
    }
  }

  /// Encodes a picture.
  /// - Parameters:
  ///   - pixels: [height][width][channels], channels 1 (grey) or 3 (red, green, blue).
  /// - Throws: `CommandError` with libpng's reason, or if the channels are neither 1 nor 3.
  static func encode(pixels: [UInt8], width: Int, height: Int, channels: Int) throws(CommandError) -> [UInt8] {
    try check(channels: channels, instead: "use --raw OUT.npy")
    guard pixels.count == width * height * channels, let width = UInt32(exactly: width), let height = UInt32(exactly: height) else {
      throw CommandError("a picture of \(width)x\(height) pixels with \(pixels.count) values cannot be written as PNG")
    }
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    image.width = width
    image.height = height
    image.format = channels == 1 ? 0 : UInt32(PNG_FORMAT_FLAG_COLOR)
    defer { png_image_free(&image) }
    var size = 0
    guard png_image_write_to_memory(&image, nil, &size, 0, pixels, 0, nil) != 0 else { throw failure(image) }
    var bytes = [UInt8](repeating: 0, count: size)
    guard png_image_write_to_memory(&image, &bytes, &size, 0, pixels, 0, nil) != 0 else { throw failure(image) }
    return Array(bytes.prefix(size))
  }

  private static func failure(_ image: png_image) -> CommandError {
    let message = withUnsafeBytes(of: image.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    return CommandError("the picture cannot be encoded as PNG: \(message)")
  }
}

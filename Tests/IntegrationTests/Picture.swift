import CPNG
import Foundation
import Testing

/// A PNG file as libpng reads it.
struct Picture: Equatable {
  var width: Int
  var height: Int
  /// 1 (grey) or 3 (RGB).
  var channels: Int
  var pixels: [UInt8]

  init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    (self.width, self.height, self.channels, self.pixels) = (width, height, channels, pixels)
  }

  init(_ path: String) throws {
    try self.init([UInt8](Data(contentsOf: URL(fileURLWithPath: path))))
  }

  init(_ file: [UInt8]) throws {
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    // libpng reads from the file's own memory until the last call.
    defer { withExtendedLifetime(file) { png_image_free(&image) } }
    try #require(png_image_begin_read_from_memory(&image, file, file.count) != 0, "libpng cannot read the file")
    let isColour = image.format & UInt32(PNG_FORMAT_FLAG_COLOR) != 0
    image.format = isColour ? UInt32(PNG_FORMAT_FLAG_COLOR) : 0
    channels = isColour ? 3 : 1
    (width, height) = (Int(image.width), Int(image.height))
    pixels = [UInt8](repeating: 0, count: width * height * channels)
    try #require(png_image_finish_read(&image, nil, &pixels, 0, nil) != 0, "libpng cannot read the pixels")
    try #require(image.warning_or_error == 0, "libpng is not content with the file")
  }
}

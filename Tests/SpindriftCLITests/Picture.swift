import CPNG
import Foundation

/// A PNG file, decoded by libpng.
struct Picture: Equatable {
  var width: Int
  var height: Int
  /// 1 grey, 3 red-green-blue.
  var channels: Int
  /// [height][width][channels]
  var pixels: [UInt8]

  /// Width, height and channels, such as `24x16x1`.
  var size: String { "\(width)x\(height)x\(channels)" }

  /// nil unless the file is PNG.
  init?(_ path: String) {
    var image = png_image()
    image.version = UInt32(PNG_IMAGE_VERSION)
    defer { png_image_free(&image) }
    guard png_image_begin_read_from_file(&image, path) != 0 else { return nil }
    (width, height) = (Int(image.width), Int(image.height))
    channels = image.format & UInt32(PNG_FORMAT_FLAG_COLOR) != 0 ? 3 : 1
    pixels = [UInt8](repeating: 0, count: width * height * channels)
    guard png_image_finish_read(&image, nil, &pixels, 0, nil) != 0 else { return nil }
  }
}

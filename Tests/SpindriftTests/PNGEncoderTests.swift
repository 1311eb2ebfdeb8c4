import CPNG
import Spindrift
import Testing

/// The encoder, held to what libpng reads.
struct PNGEncoderTests {
  @Test(arguments: [(1, 1, 1), (8, 3, 1), (5, 7, 3), (65534, 2, 1), (65535, 2, 1), (70000, 2, 3)])
  func libpngReadsTheSamePixels(width: Int, height: Int, channels: Int) throws {
    let encoder = try #require(PNGEncoder(width: width, height: height, channels: channels))
    let pixels = (0..<width * height * channels).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 7) }
    var file = [UInt8](repeating: 0, count: encoder.byteCount)
    let isWritten = pixels.withUnsafeBufferPointer { pixels in
      file.withUnsafeMutableBytes { encoder.encode(pixels, into: $0) }
    }
    #expect(isWritten)

    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    // libpng reads from the file's own memory until the last call.
    defer { withExtendedLifetime(file) { png_image_free(&image) } }
    try #require(png_image_begin_read_from_memory(&image, file, file.count) != 0)
    #expect(Int(image.width) == width)
    #expect(Int(image.height) == height)
    #expect(image.format == (channels == 1 ? 0 : UInt32(PNG_FORMAT_FLAG_COLOR)))
    var decoded = [UInt8](repeating: 0, count: pixels.count)
    try #require(png_image_finish_read(&image, nil, &decoded, 0, nil) != 0)
    #expect(image.warning_or_error == 0)
    #expect(decoded == pixels)
  }

  @Test
  func shortBuffersAreRefused() throws {
    let encoder = try #require(PNGEncoder(width: 4, height: 4, channels: 1))
    let pixels = [UInt8](repeating: 1, count: 16)
    var file = [UInt8](repeating: 7, count: encoder.byteCount - 1)
    #expect(!pixels.withUnsafeBufferPointer { pixels in file.withUnsafeMutableBytes { encoder.encode(pixels, into: $0) } })
    #expect(file.allSatisfy { $0 == 7 })
    var whole = [UInt8](repeating: 7, count: encoder.byteCount)
    #expect(!pixels[1...].withUnsafeBufferPointer { pixels in whole.withUnsafeMutableBytes { encoder.encode(pixels, into: $0) } })
  }

  @Test
  func picturesThatPNGCannotHoldHaveNoEncoder() {
    #expect(PNGEncoder(width: 0, height: 1, channels: 1) == nil)
    #expect(PNGEncoder(width: 1, height: 1, channels: 2) == nil)
    #expect(PNGEncoder(width: 1 << 20, height: 1 << 20, channels: 3) == nil)
  }
}

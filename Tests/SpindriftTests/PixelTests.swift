import Spindrift
import Testing

struct PixelTests {
  @Test
  func theDataRangeBecomesBlackToWhite() {
    let mapping = PixelMapping(low: -1, high: 1)
    #expect(mapping.byte(-1) == 0)
    #expect(mapping.byte(1) == 255)
    #expect(mapping.byte(0) == 128)
    #expect(mapping.byte(-2) == 0)
    #expect(mapping.byte(7) == 255)
    #expect(mapping.byte(.infinity) == 255)
    #expect(mapping.byte(-.infinity) == 0)
    #expect(mapping.byte(.nan) == 0)
  }

  @Test
  func everyPixelValueComesBackFromItsOwnLevel() {
    for (low, high) in [(-1, 1), (0, 1), (0, 255), (-0.5, 2)] as [(Float, Float)] {
      let mapping = PixelMapping(low: low, high: high)
      for byte in 0...255 { #expect(mapping.byte(low + Float(byte) * (high - low) / 255) == UInt8(byte)) }
    }
  }

  @Test
  func halvesRoundUp() {
    let mapping = PixelMapping(low: 0, high: 255)
    #expect(mapping.byte(0.5) == 1)
    #expect(mapping.byte(1.5) == 2)
    #expect(mapping.byte(2.5) == 3)
    #expect(mapping.byte(Float(2.5).nextDown) == 2)
  }

  @Test(arguments: [(1, 1, 1), (2, 2, 1), (3, 2, 2), (4, 2, 2), (5, 3, 2), (10, 4, 3), (4096, 64, 64)])
  func aGridIsNearlySquare(count: Int, columns: Int, rows: Int) throws {
    let grid = try #require(PictureGrid(count: count, channels: 3, height: 5, width: 7))
    #expect(grid.columns == columns)
    #expect(grid.rows == rows)
    #expect(grid.byteCount == columns * 7 * rows * 5 * 3)
  }

  @Test
  func cellsLieRowByRowWithoutGapsAndChannelsSideBySide() throws {
    let grid = try #require(PictureGrid(count: 3, channels: 3, height: 2, width: 2))
    var canvas = [UInt8](repeating: 9, count: grid.byteCount)
    // Channel c of picture i holds 10 * i + c, plus 100 in its last pixel.
    for picture in 0..<3 {
      let sample = (0..<12).map { Float(10 * picture + $0 / 4 + ($0 % 4 == 3 ? 100 : 0)) }
      sample.withUnsafeBufferPointer { sample in
        canvas.withUnsafeMutableBufferPointer {
          grid.place(sample, at: picture, mapping: PixelMapping(low: 0, high: 255), in: $0)
        }
      }
    }
    #expect(Array(canvas[0..<12]) == [0, 1, 2, 0, 1, 2, 10, 11, 12, 10, 11, 12])
    #expect(Array(canvas[12..<24]) == [0, 1, 2, 100, 101, 102, 10, 11, 12, 110, 111, 112])
    #expect(Array(canvas[24..<36]) == [20, 21, 22, 20, 21, 22, 9, 9, 9, 9, 9, 9])
  }

  @Test
  func gridsThatCannotBeCountedDoNotExist() {
    #expect(PictureGrid(count: 0, channels: 1, height: 1, width: 1) == nil)
    #expect(PictureGrid(count: 1, channels: 1, height: 0, width: 1) == nil)
    #expect(PictureGrid(count: 4096, channels: 3, height: 4096, width: 4096) == nil)
    #expect(PictureGrid(count: 1, channels: .max, height: .max, width: .max) == nil)
    #expect(PictureGrid(count: 1, columns: 0, channels: 1, height: 1, width: 1) == nil)
  }
}

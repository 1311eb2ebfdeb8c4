import DriftEvaluation
import Spindrift

/// Pictures of a model laid out as one PNG file, with the pixels that `spindrift-run` gives.
struct PictureSheet {
  private let channels: Int
  private let height: Int
  private let width: Int
  private let mapping: PixelMapping

  /// For pictures of a model.
  init(_ source: any PictureSource) {
    (channels, height, width) = (source.channels, source.height, source.width)
    mapping = PixelMapping(low: source.dataRange.lowerBound, high: source.dataRange.upperBound)
  }

  /// For pictures of a file.
  init(_ model: ModelFile) {
    let record = model.file.model
    (channels, height, width) = (Int(record.picture_channels), Int(record.picture_height), Int(record.picture_width))
    mapping = PixelMapping(low: record.data_low, high: record.data_high)
  }

  /// Refuses pictures that no PNG file can hold, before they are made.
  /// - Parameter instead: what to do.
  func check(instead: String) throws(CommandError) {
    try PNGFile.check(channels: channels, instead: instead)
  }

  /// Pictures, channels first each, in the grid of `spindrift-run`.
  func png(_ pictures: [[Float]]) throws(CommandError) -> [UInt8] {
    try encode(pictures, in: PictureGrid(count: pictures.count, channels: channels, height: height, width: width))
  }

  /// Pairs of pictures: rows of at most ten float pictures, each followed by the row of their int8 counterparts.
  func png(float: [[Float]], integer: [[Float]]) throws(CommandError) -> [UInt8] {
    let columns = min(float.count, 10)
    let black = [Float](repeating: mapping.low, count: channels * height * width)
    func row(_ pictures: [[Float]], _ start: Int) -> [[Float]] {
      (start..<start + columns).map { $0 < pictures.count ? pictures[$0] : black }
    }
    let cells = stride(from: 0, to: float.count, by: max(columns, 1)).flatMap { row(float, $0) + row(integer, $0) }
    return try encode(
      cells, in: PictureGrid(count: cells.count, columns: columns, channels: channels, height: height, width: width))
  }

  private func encode(_ pictures: [[Float]], in grid: PictureGrid?) throws(CommandError) -> [UInt8] {
    guard let grid else {
      throw CommandError(
        "\(pictures.count) pictures of \(channels)x\(height)x\(width) are too many for one PNG file; use --raw OUT.npy")
    }
    var canvas = [UInt8](repeating: 0, count: grid.byteCount)
    canvas.withUnsafeMutableBufferPointer { canvas in
      for (index, picture) in pictures.enumerated() {
        picture.withUnsafeBufferPointer { grid.place($0, at: index, mapping: mapping, in: canvas) }
      }
    }
    return try PNGFile.encode(pixels: canvas, width: grid.width, height: grid.height, channels: channels)
  }
}

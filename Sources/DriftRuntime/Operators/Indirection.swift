import CDriftFormat
import CDriftKernels
import DriftFormat

/// Pointers to the input pixels of a strip of output pixels, [tile][tap][row of the tile]; of a pair, two rows a pixel.
struct Indirection {
  let table: UnsafeMutablePointer<UnsafePointer<Int8>>
  let tileRows: Int
  let tilePixels: Int
  private let window: drift_window

  init(
    _ operation: drift_operator, input: Executor.Operand, outputWidth: Int, zeroPixel: UnsafePointer<Int8>, tileRows: Int,
    table: UnsafeMutablePointer<UnsafePointer<Int8>>
  ) {
    self.table = table
    self.tileRows = tileRows
    tilePixels = input.isPair ? tileRows / 2 : tileRows
    let shift = operation.upsample == DRIFT_UPSAMPLE_PHASES.rawValue ? 0 : operation.upsample
    window = drift_window(
      base: input.int8, zero_pixel: zeroPixel, pixel_bytes: input.stride, row_bytes: input.stride &* input.width,
      plane_bytes: input.planeBytes, pair: input.isPair ? 1 : 0, kernel_height: operation.kernel_height,
      kernel_width: operation.kernel_width, stride: operation.stride, pad_top: Int32(truncatingIfNeeded: operation.pad_top),
      pad_left: Int32(truncatingIfNeeded: operation.pad_left), shift: shift,
      height: UInt32(truncatingIfNeeded: input.height) &<< shift,
      width: UInt32(truncatingIfNeeded: input.width) &<< shift, output_width: UInt32(truncatingIfNeeded: outputWidth),
      tile_rows: UInt32(truncatingIfNeeded: tileRows))
  }

  /// Most pixels of a strip.
  static func stripPixels(isPair: Bool) -> Int {
    isPair ? ConvolutionScratch.stripRows / 2 : ConvolutionScratch.stripRows
  }

  /// Points to what output pixels `first ..< first + count` read. Rows of the last tile beyond them repeat the last pixel.
  /// Windows begin `down` rows and `right` columns later than the operator's padding says.
  func fill(from first: Int, count: Int, down: Int = 0, right: Int = 0) {
    var window = window
    window.pad_top &-= Int32(truncatingIfNeeded: down)
    window.pad_left &-= Int32(truncatingIfNeeded: right)
    withUnsafePointer(to: window) {
      drift_point_pixels($0, UInt32(truncatingIfNeeded: first), UInt32(truncatingIfNeeded: count), table)
    }
  }
}

import CDriftFormat
import DriftFormat

/// Pointers to the input pixels of a strip of output pixels, [tile][tap][row of the tile]; of a pair, two rows a pixel.
struct Indirection {
  let table: UnsafeMutablePointer<UnsafePointer<Int8>>
  let tileRows: Int
  let tilePixels: Int
  let stripPixels: Int
  private let base: UnsafePointer<Int8>
  private let zeroPixel: UnsafePointer<Int8>
  /// Bytes from one pixel, and from one row, to the next; from the high to the low plane of a pair.
  private let pixelBytes: Int, rowBytes: Int, planeBytes: Int
  private let isPair: Bool
  private let kernelHeight: Int, kernelWidth: Int
  private let stride: Int, padTop: Int, padLeft: Int
  /// 1 if the input is read as if it were twice as large.
  private let shift: Int
  private let height: Int, width: Int
  private let outputWidth: Int

  init(
    _ operation: drift_operator, input: Executor.Operand, outputWidth: Int, zeroPixel: UnsafePointer<Int8>, tileRows: Int,
    table: UnsafeMutablePointer<UnsafePointer<Int8>>
  ) {
    self.table = table
    self.tileRows = tileRows
    isPair = input.isPair
    tilePixels = input.isPair ? tileRows / 2 : tileRows
    stripPixels = input.isPair ? ConvolutionScratch.stripRows / 2 : ConvolutionScratch.stripRows
    base = UnsafePointer(input.int8)
    self.zeroPixel = zeroPixel
    pixelBytes = input.stride
    rowBytes = input.stride &* input.width
    planeBytes = input.planeBytes
    kernelHeight = Int(truncatingIfNeeded: operation.kernel_height)
    kernelWidth = Int(truncatingIfNeeded: operation.kernel_width)
    stride = Int(truncatingIfNeeded: operation.stride)
    padTop = Int(truncatingIfNeeded: operation.pad_top)
    padLeft = Int(truncatingIfNeeded: operation.pad_left)
    shift = Int(truncatingIfNeeded: operation.upsample)
    height = input.height &<< shift
    width = input.width &<< shift
    self.outputWidth = outputWidth
  }

  /// Points to what output pixels `first ..< first + count` read. Rows of the last tile beyond them repeat the last pixel.
  func fill(from first: Int, count: Int) {
    var y = first / outputWidth
    var x = first &- y &* outputWidth
    var tile = table
    var row = 0
    let rowsPerPixel = isPair ? 2 : 1
    var index = 0
    while true {
      fill(tile + row, top: y &* stride &- padTop, left: x &* stride &- padLeft)
      index &+= 1
      row &+= rowsPerPixel
      if row == tileRows {
        if index >= count { return }
        row = 0
        tile += kernelHeight &* kernelWidth &* tileRows
      }
      if index < count {
        x &+= 1
        if x == outputWidth {
          x = 0
          y &+= 1
        }
      }
    }
  }

  /// The pointers of one output pixel whose first tap falls on (top, left).
  @inline(__always)
  private func fill(_ slot: UnsafeMutablePointer<UnsafePointer<Int8>>, top: Int, left: Int) {
    let isInside = top >= 0 && left >= 0 && top &+ kernelHeight <= height && left &+ kernelWidth <= width
    var out = slot
    for i in 0..<kernelHeight {
      let y = top &+ i
      let rowIsInside = isInside || (y >= 0 && y < height)
      let line = base + (rowIsInside ? (y &>> shift) &* rowBytes : 0)
      for j in 0..<kernelWidth {
        let x = left &+ j
        let tapIsInside = isInside || (rowIsInside && x >= 0 && x < width)
        let pixel = line + (tapIsInside ? (x &>> shift) &* pixelBytes : 0)
        out[0] = tapIsInside ? pixel : zeroPixel
        if isPair { out[1] = tapIsInside ? pixel + planeBytes : zeroPixel }
        out += tileRows
      }
    }
  }
}

import CDriftFormat
import CDriftKernels
import DriftFormat

/// Pointers to the input pixels of a strip of output pixels, [tile][tap][row of the tile]; of a pair, two rows a pixel.
struct Indirection {
  let table: UnsafeMutablePointer<UnsafePointer<Int8>>
  let tileRows: Int
  let tilePixels: Int
  private let base: UnsafePointer<Int8>
  private let zeroPixel: UnsafePointer<Int8>
  /// Bytes from the first tap to each.
  private let tapOffsets: UnsafeMutablePointer<Int>
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
    table: UnsafeMutablePointer<UnsafePointer<Int8>>, tapOffsets: UnsafeMutablePointer<Int>
  ) {
    self.table = table
    self.tileRows = tileRows
    self.tapOffsets = tapOffsets
    isPair = input.isPair
    tilePixels = input.isPair ? tileRows / 2 : tileRows
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
    for i in 0..<kernelHeight {
      for j in 0..<kernelWidth { tapOffsets[i &* kernelWidth &+ j] = i &* rowBytes &+ j &* pixelBytes }
    }
  }

  /// Most pixels of a strip.
  static func stripPixels(isPair: Bool) -> Int {
    isPair ? ConvolutionScratch.stripRows / 2 : ConvolutionScratch.stripRows
  }

  /// Points to what output pixels `first ..< first + count` read. Rows of the last tile beyond them repeat the last pixel.
  func fill(from first: Int, count: Int) {
    var y = first / outputWidth
    var x = first &- y &* outputWidth
    var tile = table
    var done = 0
    while done < count {
      fill(tile, pixels: min(tilePixels, count &- done), x: &x, y: &y)
      done &+= tilePixels
      tile += kernelHeight &* kernelWidth &* tileRows
    }
  }

  /// One tile from output pixel (y, x) on, which moves on to the next tile's. Where all taps lie inside the image they differ from
  /// the first by the same offsets.
  private func fill(_ tile: UnsafeMutablePointer<UnsafePointer<Int8>>, pixels: Int, x: inout Int, y: inout Int) {
    withUnsafeTemporaryOrigins { origins in
      var allInside = shift == 0
      var (firstX, firstY) = (x, y)
      for pixel in 0..<tilePixels {
        let (top, left) = (y &* stride &- padTop, x &* stride &- padLeft)
        allInside = allInside && top >= 0 && left >= 0 && top &+ kernelHeight <= height && left &+ kernelWidth <= width
        // Only followed if all are inside.
        let origin = UnsafePointer<Int8>(bitPattern: Int(bitPattern: base) &+ (top &* rowBytes &+ left &* pixelBytes))
        if let origin { setOrigin(origins, pixel, origin) }
        if pixel &+ 1 < pixels { advance(&x, &y) }
      }
      if allInside {
        drift_point_rows(
          tile, origins, tapOffsets, UInt32(truncatingIfNeeded: kernelHeight &* kernelWidth), UInt32(truncatingIfNeeded: tileRows))
      } else {
        for pixel in 0..<tilePixels {
          fill(tile + (isPair ? 2 &* pixel : pixel), top: firstY &* stride &- padTop, left: firstX &* stride &- padLeft)
          if pixel &+ 1 < pixels { advance(&firstX, &firstY) }
        }
      }
      advance(&x, &y)
    }
  }

  private func withUnsafeTemporaryOrigins(_ body: (UnsafeMutablePointer<UnsafePointer<Int8>>) -> Void) {
    var origins: (
      UnsafePointer<Int8>, UnsafePointer<Int8>, UnsafePointer<Int8>, UnsafePointer<Int8>, UnsafePointer<Int8>, UnsafePointer<Int8>,
      UnsafePointer<Int8>, UnsafePointer<Int8>
    ) = (base, base, base, base, base, base, base, base)
    withUnsafeMutableBytes(of: &origins) { bytes in
      if let start = bytes.baseAddress { body(start.assumingMemoryBound(to: UnsafePointer<Int8>.self)) }
    }
  }

  @inline(__always)
  private func setOrigin(_ origins: UnsafeMutablePointer<UnsafePointer<Int8>>, _ pixel: Int, _ origin: UnsafePointer<Int8>) {
    if isPair {
      origins[2 &* pixel] = origin
      origins[2 &* pixel &+ 1] = origin + planeBytes
    } else {
      origins[pixel] = origin
    }
  }

  @inline(__always)
  private func advance(_ x: inout Int, _ y: inout Int) {
    x &+= 1
    if x == outputWidth {
      x = 0
      y &+= 1
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

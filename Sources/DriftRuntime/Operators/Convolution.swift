import CDriftFormat
import CDriftKernels
import DriftFormat

/// A convolution without a copy of its input: a strip of output pixels gets one table of pointers to the pixels under each tap, which
/// all blocks of output channels share. Each thread has a table of its own.
///
/// Threads share out what costs more to move: the pixels, so that each finds most of its input in its own cache, or the channels, so
/// that each reads only a part of the weights.
struct Convolution {
  let kernels: UnsafePointer<drift_kernel_set>
  let indirection: Indirection
  let weights: UnsafePointer<Int8>
  let offsets: UnsafeMutablePointer<Int32>
  let multipliers: UnsafeMutablePointer<Float>, biases: UnsafeMutablePointer<Float>
  let phaseHeight: Int
  let residual: Executor.Operand?
  let residualGain: Float
  let whole: drift_destination
  let valueBytes: Int
  let taps: Int, words: Int
  /// 4 where each phase of an enlarged output has weights of its own, else 1.
  let phases: Int
  let isPair: Bool
  let channels: Int, outputHeight: Int, outputWidth: Int, outputStride: Int
  let inputPixels: Int
  /// Channels of a tile.
  let tileChannels: Int
  /// Where sums are kept as membranes.
  let membranes: Membranes?
  /// This thread's share: pixels, or rows of phases, phase by phase; and channels.
  let ownPixels: Range<Int>, ownChannels: Range<Int>

  init(_ executor: Executor, _ operation: drift_operator) {
    let (x, y) = (executor.operand(operation.inputs.0), executor.operand(operation.output))
    kernels = executor.kernels
    let set = kernels.pointee
    taps = Int(truncatingIfNeeded: operation.kernel_height) &* Int(truncatingIfNeeded: operation.kernel_width)
    words = (x.channels &+ 3) / 4
    isPair = x.isPair
    (channels, outputHeight, outputWidth, outputStride) = (y.channels, y.height, y.width, y.stride)
    inputPixels = x.pixels
    phases = Int(truncatingIfNeeded: operation.phases)
    phaseHeight = x.height
    let layout = ConvolutionScratch(
      taps: UInt64(truncatingIfNeeded: taps), inputs: UInt64(truncatingIfNeeded: x.channels),
      outputs: UInt64(truncatingIfNeeded: phases &* y.channels))
    let memory = executor.scratch(operation)
    offsets = memory.at(layout.offsets, Int32.self)
    multipliers = memory.at(layout.multipliers, Float.self)
    biases = memory.at(layout.biases, Float.self)
    let zeroPixel = memory.at(layout.zeroPixel, Int8.self)
    let zero = Int8(truncatingIfNeeded: (x.isPair ? 0 : x.zeroPoint) &+ set.operand_bias)
    for c in 0..<x.stride { zeroPixel[c] = zero }
    indirection = Indirection(
      operation, input: x, outputWidth: phases == 1 ? y.width : x.width, zeroPixel: zeroPixel,
      tileRows: Int(truncatingIfNeeded: set.tile_rows),
      table: memory.at(layout.pointers, UnsafePointer<Int8>.self))
    weights = executor.file.data(of: Int(truncatingIfNeeded: operation.constants.0)).assumingMemoryBound(to: Int8.self)
    whole = executor.destination(y)
    valueBytes = y.type == DRIFT_TYPE_FLOAT32.rawValue ? 4 : y.type == DRIFT_TYPE_INT16.rawValue ? 2 : 1
    let residual = operation.inputs.1.isPresent ? executor.operand(operation.inputs.1) : nil
    self.residual = residual
    residualGain = residual.map { ($0.scale / y.scale) * operation.gain } ?? 0

    membranes = operation.hasMembranes ? Membranes(executor.operand(operation.inputs.3)) : nil
    tileChannels = membranes == nil ? 16 &* Int(truncatingIfNeeded: set.tile_blocks) : 16
    let team = executor.team
    let units = phases == 1 ? y.pixels : phases &* x.height
    let tiles = (channels &+ tileChannels &- 1) / tileChannels
    let isEven = tiles % team.count == 0 || tiles >= 4 &* team.count
    if team.count > 1 && membranes == nil && isEven && taps &* words &* 4 &* channels > x.bytes {
      ownPixels = 0..<units
      ownChannels = team.share(of: channels, granule: tileChannels)
    } else {
      // Gathering goes by whole rows.
      let granule = phases > 1 ? 1 : membranes == nil ? indirection.tilePixels : y.width
      ownPixels = team.share(of: units, granule: granule)
      ownChannels = 0..<channels
    }
    prepareChannels(executor, operation, x, y)
  }

  /// This thread's share.
  func run() {
    if ownChannels.isEmpty { return }
    if phases == 1 { runStrips() } else { runPhases() }
  }

  /// Strip by strip.
  func runStrips() {
    let most = Indirection.stripPixels(isPair: isPair)
    var pixel = ownPixels.lowerBound
    while pixel < ownPixels.upperBound {
      let count = min(most, ownPixels.upperBound &- pixel)
      indirection.fill(from: pixel, count: count)
      var channel = ownChannels.lowerBound
      while channel < ownChannels.upperBound {
        multiply(
          Place(
            pixel: pixel, membrane: pixel, step: 1, output: channel, channel: channel, isFirst: pixel == ownPixels.lowerBound),
          count: count)
        channel &+= tileChannels
      }
      pixel &+= count
    }
  }

  /// Row by row of each phase: pixels of a row lie two apart in the output.
  func runPhases() {
    let most = Indirection.stripPixels(isPair: isPair)
    let width = outputWidth / 2
    let height = phaseHeight
    for unit in ownPixels {
      let phase = unit / height
      let y = unit &- phase &* height
      let (down, right) = (phase &>> 1, phase & 1)
      var x = 0
      while x < width {
        let count = min(most, width &- x)
        indirection.fill(from: y &* width &+ x, count: count, down: down, right: right)
        let pixel = (2 &* y &+ down) &* outputWidth &+ 2 &* x &+ right
        var channel = ownChannels.lowerBound
        while channel < ownChannels.upperBound {
          multiply(
            Place(
              pixel: pixel, membrane: unit &* width &+ x, step: 2, output: channel, channel: phase &* channels &+ channel,
              isFirst: x == 0 && y == 0),
            count: count)
          channel &+= tileChannels
        }
        x &+= count
      }
    }
  }

  /// Where the tiles of a strip go: the first pixel, the same among the membranes, pixels from one to the next, channel of the output,
  /// channel of the constants.
  struct Place {
    var pixel: Int, membrane: Int, step: Int, output: Int, channel: Int
    /// Whether these are the first pixels that meet these channels.
    var isFirst: Bool
  }

  /// All tiles of a strip for the channels of one tile.
  @inline(__always)
  func multiply(_ place: Place, count: Int) {
    let channel = place.channel
    var tile = drift_tile(
      taps: UInt32(truncatingIfNeeded: taps), words: UInt32(truncatingIfNeeded: words), pixels: 0,
      columns: UInt32(truncatingIfNeeded: min(tileChannels, channels &- place.output)), pair: isPair ? 1 : 0,
      offset: offsets + channel,
      multiplier: multipliers + channel, bias: biases + channel, row_factor: nil, residual: nil,
      residual_stride: place.step &* (residual?.stride ?? 0), residual_gain: residualGain, next: nil)
    var target = whole
    target.stride = place.step &* outputStride
    if membranes != nil {
      target.type = DRIFT_STORE_SUMS.rawValue
      target.stride = Membranes.blockOutputs
      tile.residual_stride = 0
    }
    let block = weights + (channel / 16) &* taps &* words &* 64
    // The first two tiles bring along the weights of the next ones: of the next channels or, since a file holds weights in the order of
    // their use, of the next operator.
    let ahead = taps &* words &* 128
    var next = block + (tileChannels / 16) &* taps &* words &* 64
    var pointers = indirection.table
    var done = 0
    while done < count {
      tile.pixels = UInt32(truncatingIfNeeded: min(indirection.tilePixels, count &- done))
      let pixel = place.pixel &+ place.step &* done
      if let membranes {
        target.base = UnsafeMutableRawPointer(membranes.of(pixel: place.membrane &+ done, block: place.output / 16))
      } else {
        if let residual { tile.residual = UnsafePointer(residual.int16 + (pixel &* residual.stride &+ place.output)) }
        target.base = whole.base + (pixel &* outputStride &+ place.output) &* valueBytes
      }
      tile.next = done < 2 &* indirection.tilePixels && place.isFirst ? next : nil
      next += ahead
      kernels.pointee.multiply(pointers, block, &tile, &target)
      done &+= indirection.tilePixels
      pointers += taps &* indirection.tileRows
    }
  }

  /// m, b and c of docs/arithmetic.md for every output channel; zeros up to the end of the last block.
  private func prepareChannels(_ executor: Executor, _ operation: drift_operator, _ x: Executor.Operand, _ y: Executor.Operand) {
    let scales = ChannelScales(executor, operation, x, y)
    for phase in 0..<phases {
      for channel in ownChannels {
        let o = phase &* channels &+ channel
        (multipliers[o], biases[o], offsets[o]) = scales.values(output: o, channel: channel)
      }
    }
    if phases > 1 { return }  // whole blocks
    for o in channels..<roundUp(channels, to: 16) { (multipliers[o], biases[o], offsets[o]) = (0, 0, 0) }
  }
}

/// The next multiple.
func roundUp(_ value: Int, to multiple: Int) -> Int { (value &+ multiple &- 1) / multiple &* multiple }

extension Executor {
  func convolve(_ operation: drift_operator, _ index: Int) {
    let convolution = Convolution(self, operation)
    if convolution.membranes == nil { convolution.run() } else { convolution.integrate(self, operation, index) }
  }
}

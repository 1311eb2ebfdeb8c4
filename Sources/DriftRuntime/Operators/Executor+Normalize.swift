import CDriftFormat
import CDriftKernels
import DriftFormat

extension Executor {
  /// Normalization of one or two tensors over groups of channels or over each pixel, then an activation.
  func normalize(_ operation: drift_operator) {
    if operation.mode == DRIFT_NORMALIZATION_GROUP.rawValue { normalizeGroups(operation) } else { normalizePixels(operation) }
  }

  /// Statistics over all pixels of a run of channels.
  private func normalizeGroups(_ operation: drift_operator) {
    let (a, y) = (operand(operation.inputs.0), operand(operation.output))
    let b = operation.inputs.1.isPresent ? operand(operation.inputs.1) : nil
    let layout = NormalizeScratch(channels: UInt64(truncatingIfNeeded: y.channels))
    let sums = scratch(operation).at(layout.sums, Int64.self)
    let squareSums = scratch(operation).at(layout.squareSums, Int64.self)
    let (allSums, allSquareSums) = (
      scratch(operation).at(layout.allSums, Int64.self), scratch(operation).at(layout.allSquareSums, Int64.self)
    )
    addSums(of: a, to: sums, squareSums)
    if let b { addSums(of: b, to: sums + a.channels, squareSums + a.channels) }
    team.barrier()
    addUp(operation, layout.sums, channels: y.channels, into: allSums)
    addUp(operation, layout.squareSums, channels: y.channels, into: allSquareSums)
    // With factors for each value of the tensor, each pixel has its own map.
    let perPixel = Int(truncatingIfNeeded: file.constants[Int(truncatingIfNeeded: operation.constants.0)].outputs) > y.channels
    let perPixelBeta = Int(truncatingIfNeeded: file.constants[Int(truncatingIfNeeded: operation.constants.1)].outputs) > y.channels
    let pixels = team.share(of: y.pixels)
    let each = perPixel || perPixelBeta
    var pixel = pixels.lowerBound
    while pixel < pixels.upperBound {
      let count = each ? 1 : pixels.count
      let gamma = perPixel ? pixel &* y.channels : 0
      let beta = perPixelBeta ? pixel &* y.channels : 0
      fillGroups(operation, a, b, channels: y.channels, gamma: gamma, beta: beta, allSums, allSquareSums)
      apply(operation, a, to: y, channel: 0, pixels: pixel..<pixel &+ count)
      if let b { apply(operation, b, to: y, channel: a.channels, pixels: pixel..<pixel &+ count) }
      pixel &+= count
    }
  }

  /// A and B of every channel, group by group; `gamma` and `beta` are where the factors begin.
  private func fillGroups(
    _ operation: drift_operator, _ a: Operand, _ b: Operand?, channels: Int, gamma: Int, beta: Int,
    _ sums: UnsafePointer<Int64>, _ squareSums: UnsafePointer<Int64>
  ) {
    let size = channels / Int(truncatingIfNeeded: operation.groups)
    var first = 0
    while first < channels {
      let middle = min(max(a.channels, first), first &+ size)
      let moments = groupMoments(
        GroupPart(sums, squareSums, first..<middle, of: a),
        b.map { GroupPart(sums, squareSums, middle..<first &+ size, of: $0) })
      let inverse = 1 / drift_sqrt(moments.variance + operation.epsilon)
      fill(
        operation, first..<middle, of: channels, gamma: gamma, beta: beta, mean: moments.mean, inverse: inverse, scale: a.scale)
      if let b {
        fill(
          operation, middle..<first &+ size, of: channels, gamma: gamma, beta: beta, mean: moments.mean, inverse: inverse,
          scale: b.scale)
      }
      first &+= size
    }
  }

  /// Statistics over the channels of each pixel.
  private func normalizePixels(_ operation: drift_operator) {
    let (x, y) = (operand(operation.inputs.0), operand(operation.output))
    let count = Int64(truncatingIfNeeded: x.channels)
    for pixel in team.share(of: x.pixels) {
      var (sum, squareSum): (Int64, Int64) = (0, 0)
      drift_value_sums(x.int16 + pixel &* x.stride, UInt32(truncatingIfNeeded: x.channels), &sum, &squareSum)
      if operation.mode == DRIFT_NORMALIZATION_RMS.rawValue { sum = 0 }
      let (mean, squares) = GroupPart(count: count, sum: sum, squareSum: squareSum, scale: x.scale).moments
      let inverse = 1 / drift_sqrt(squares / drift_f32_from_i64(count) + operation.epsilon)
      fill(operation, 0..<x.channels, of: x.channels, gamma: 0, beta: 0, mean: mean, inverse: inverse, scale: x.scale)
      apply(operation, x, to: y, channel: 0, pixels: pixel..<pixel &+ 1)
    }
  }

  /// Pixels whose sums the kernels can hold in 32 bits.
  private static var sumPixels: Int { 65536 }

  /// Each member sums over its own pixels, which it has most likely written itself.
  @inline(never)
  private func addSums(of x: Operand, to sums: UnsafeMutablePointer<Int64>, _ squareSums: UnsafeMutablePointer<Int64>) {
    for c in 0..<x.channels { (sums[c], squareSums[c]) = (0, 0) }
    let pixels = team.share(of: x.pixels)
    var pixel = pixels.lowerBound
    while pixel < pixels.upperBound {
      let count = min(pixels.upperBound &- pixel, Executor.sumPixels)
      kernels.pointee.channel_sums(
        x.int16 + pixel &* x.stride, x.stride, UInt32(truncatingIfNeeded: count), UInt32(truncatingIfNeeded: x.channels), sums,
        squareSums)
      pixel &+= count
    }
  }

  /// Adds up what all members have summed; the order of integer sums is free.
  @inline(never)
  private func addUp(_ operation: drift_operator, _ place: UInt64, channels: Int, into total: UnsafeMutablePointer<Int64>) {
    for c in 0..<channels { total[c] = 0 }
    for member in 0..<team.count {
      let part = scratch(operation, of: member).at(place, Int64.self)
      for c in 0..<channels { total[c] &+= part[c] }
    }
  }

  /// A and B of docs/arithmetic.md for channels that share mean and scale, into this member's scratch.
  @inline(never)
  private func fill(
    _ operation: drift_operator, _ range: Range<Int>, of channels: Int, gamma: Int, beta: Int, mean: Float, inverse: Float,
    scale: Float
  ) {
    let first = range.lowerBound
    let modulation =
      operation.step_column.isPresent ? stepRow.map { $0 + (Int(truncatingIfNeeded: operation.step_column) &+ first) } : nil
    var affine = drift_affine(
      gamma: floats(operation.constants.0) + (gamma &+ first), beta: floats(operation.constants.1) + (beta &+ first),
      step_scales: modulation, step_shifts: modulation.map { $0 + channels }, step_scale: operation.step_scale, mean: mean,
      inverse: inverse, input_scale: scale)
    let layout = NormalizeScratch(channels: UInt64(truncatingIfNeeded: channels))
    drift_affine_fill(
      &affine, UInt32(truncatingIfNeeded: range.count), scratch(operation).at(layout.scales, Float.self) + first,
      scratch(operation).at(layout.shifts, Float.self) + first)
  }

  /// act(q * A + B) of some pixels, with A and B of each channel in this member's scratch.
  @inline(never)
  func apply(_ operation: drift_operator, _ x: Operand, to y: Operand, channel: Int, pixels: Range<Int>) {
    let layout = NormalizeScratch(channels: UInt64(truncatingIfNeeded: y.channels))
    var transform = drift_transform(
      scale: scratch(operation).at(layout.scales, Float.self) + channel,
      shift: scratch(operation).at(layout.shifts, Float.self) + channel, table: activationTable(operation),
      activation: operation.activation, inverse: 1 / y.scale)
    var target = destination(y, channel: channel, pixel: pixels.lowerBound)
    kernels.pointee.transform(
      x.int16 + pixels.lowerBound &* x.stride, x.stride, UInt32(truncatingIfNeeded: pixels.count),
      UInt32(truncatingIfNeeded: x.channels), &transform, &target)
  }
}

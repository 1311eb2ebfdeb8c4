import CDriftFormat
import CDriftKernels
import DriftFormat

extension Executor {
  /// Group normalization of one or two tensors, then an activation.
  func normalize(_ operation: drift_operator) {
    let (a, y) = (operand(operation.inputs.0), operand(operation.output))
    let b = operation.inputs.1.isPresent ? operand(operation.inputs.1) : nil
    let layout = NormalizeScratch(channels: UInt64(truncatingIfNeeded: y.channels))
    let sums = sharedScratch(operation).at(layout.sums, Int64.self)
    let squareSums = sharedScratch(operation).at(layout.squareSums, Int64.self)
    let scales = scratch(operation).at(layout.scales, Float.self)
    let shifts = scratch(operation).at(layout.shifts, Float.self)
    addSums(of: a, to: sums, squareSums)
    if let b { addSums(of: b, to: sums + a.channels, squareSums + a.channels) }
    team.barrier()
    let size = y.channels / Int(truncatingIfNeeded: operation.groups)
    var first = 0
    while first < y.channels {
      let middle = min(max(a.channels, first), first &+ size)
      let moments = groupMoments(
        GroupPart(sums, squareSums, first..<middle, of: a), b.map { GroupPart(sums, squareSums, middle..<first &+ size, of: $0) })
      let inverse = 1 / drift_sqrt(moments.variance + operation.epsilon)
      for c in first..<first &+ size {
        let scale = c < a.channels ? a.scale : (b?.scale ?? a.scale)
        (scales[c], shifts[c]) = affine(operation, channel: c, of: y.channels, mean: moments.mean, inverse: inverse, scale: scale)
      }
      first &+= size
    }
    apply(operation, a, to: y, channel: 0, scales, shifts)
    if let b { apply(operation, b, to: y, channel: a.channels, scales, shifts) }
  }

  /// Pixels whose sums the kernels can hold in 32 bits.
  private static var sumPixels: Int { 65536 }

  /// Channels of one cache line.
  private static var sumChannels: Int { 32 }

  /// Each member sums over all pixels of its channels.
  private func addSums(of x: Operand, to sums: UnsafeMutablePointer<Int64>, _ squareSums: UnsafeMutablePointer<Int64>) {
    let channels = team.share(of: x.channels, granule: Executor.sumChannels)
    for c in channels { (sums[c], squareSums[c]) = (0, 0) }
    var pixel = 0
    while pixel < x.pixels && !channels.isEmpty {
      let count = min(x.pixels &- pixel, Executor.sumPixels)
      kernels.pointee.channel_sums(
        x.int16 + (pixel &* x.stride &+ channels.lowerBound), x.stride, UInt32(truncatingIfNeeded: count),
        UInt32(truncatingIfNeeded: channels.count), sums + channels.lowerBound, squareSums + channels.lowerBound)
      pixel &+= count
    }
  }

  /// A and B of docs/arithmetic.md.
  private func affine(
    _ operation: drift_operator, channel c: Int, of channels: Int, mean: Float, inverse: Float, scale: Float
  ) -> (Float, Float) {
    var a = floats(operation.constants.0)[c] * inverse
    var b = floats(operation.constants.1)[c] - mean * a
    if operation.step_column.isPresent, let stepRow {
      let column = Int(truncatingIfNeeded: operation.step_column) &+ c
      let gain = 1 + drift_f32_from_i32(Int32(truncatingIfNeeded: stepRow[column])) * operation.step_scale
      a = a * gain
      b = b * gain + drift_f32_from_i32(Int32(truncatingIfNeeded: stepRow[column &+ channels])) * operation.step_scale
    }
    return (a * scale, b)
  }

  private func apply(
    _ operation: drift_operator, _ x: Operand, to y: Operand, channel: Int, _ scales: UnsafePointer<Float>,
    _ shifts: UnsafePointer<Float>
  ) {
    var transform = drift_transform(
      scale: scales + channel, shift: shifts + channel, table: activationTable(operation), activation: operation.activation,
      inverse: 1 / y.scale)
    let pixels = team.share(of: x.pixels)
    var target = destination(y, channel: channel, pixel: pixels.lowerBound)
    kernels.pointee.transform(
      x.int16 + pixels.lowerBound &* x.stride, x.stride, UInt32(truncatingIfNeeded: pixels.count),
      UInt32(truncatingIfNeeded: x.channels), &transform, &target)
  }
}

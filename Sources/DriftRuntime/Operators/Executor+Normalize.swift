import CDriftFormat
import CDriftKernels
import DriftFormat

extension Executor {
  /// Group normalization of one or two tensors, then an activation.
  func normalize(_ operation: drift_operator) {
    let (a, y) = (operand(operation.inputs.0), operand(operation.output))
    let b = operation.inputs.1.isPresent ? operand(operation.inputs.1) : nil
    let layout = NormalizeScratch(channels: UInt64(truncatingIfNeeded: y.channels))
    let sums = scratch(operation).at(layout.sums, Int64.self)
    let squareSums = scratch(operation).at(layout.squareSums, Int64.self)
    let (allSums, allSquareSums) = (
      scratch(operation).at(layout.allSums, Int64.self), scratch(operation).at(layout.allSquareSums, Int64.self)
    )
    let scales = scratch(operation).at(layout.scales, Float.self)
    let shifts = scratch(operation).at(layout.shifts, Float.self)
    addSums(of: a, to: sums, squareSums)
    if let b { addSums(of: b, to: sums + a.channels, squareSums + a.channels) }
    team.barrier()
    addUp(operation, layout.sums, channels: y.channels, into: allSums)
    addUp(operation, layout.squareSums, channels: y.channels, into: allSquareSums)
    let size = y.channels / Int(truncatingIfNeeded: operation.groups)
    var first = 0
    while first < y.channels {
      let middle = min(max(a.channels, first), first &+ size)
      let moments = groupMoments(
        GroupPart(allSums, allSquareSums, first..<middle, of: a),
        b.map { GroupPart(allSums, allSquareSums, middle..<first &+ size, of: $0) })
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

  /// Each member sums over its own pixels, which it has most likely written itself.
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
  private func addUp(_ operation: drift_operator, _ place: UInt64, channels: Int, into total: UnsafeMutablePointer<Int64>) {
    for c in 0..<channels { total[c] = 0 }
    for member in 0..<team.count {
      let part = scratch(operation, of: member).at(place, Int64.self)
      for c in 0..<channels { total[c] &+= part[c] }
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

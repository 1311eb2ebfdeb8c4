import CDriftFormat
import CDriftKernels
import DriftFormat

extension Executor {
  /// float32 or int16 to int8 or pair.
  func quantize(_ operation: drift_operator) {
    let (x, y) = (operand(operation.inputs.0), operand(operation.output))
    if x.type == DRIFT_TYPE_FLOAT32.rawValue {
      let pixels = team.share(of: x.pixels)
      var target = destination(y, pixel: pixels.lowerBound)
      kernels.pointee.quantize(
        x.float + pixels.lowerBound &* x.stride, x.stride, UInt32(truncatingIfNeeded: pixels.count),
        UInt32(truncatingIfNeeded: x.channels), 1 / y.scale, &target)
    } else {
      let values = team.share(of: x.count, granule: Executor.lineValues)
      var target = destination(y, channel: values.lowerBound)
      kernels.pointee.rescale(
        x.int16 + values.lowerBound, 0, 1, UInt32(truncatingIfNeeded: values.count), x.scale / y.scale, &target)
    }
  }

  /// Values that are shared out together: whole cache lines of every type.
  static var lineValues: Int { 64 }

  func add(_ operation: drift_operator) {
    let (a, b, y) = (operand(operation.inputs.0), operand(operation.inputs.1), operand(operation.output))
    let factorA = (a.scale / y.scale) * operation.gain_a
    let factorB = (b.scale / y.scale) * operation.gain
    let values = team.share(of: y.count, granule: Executor.lineValues)
    let first = values.lowerBound
    kernels.pointee.add(a.int16 + first, b.int16 + first, values.count, factorA, factorB, y.int16 + first)
  }

  func averagePool(_ operation: drift_operator) {
    let (x, y) = (operand(operation.inputs.0), operand(operation.output))
    let row = x.width &* x.stride
    for i in team.share(of: y.height) {
      let top = x.int16 + 2 &* i &* row
      kernels.pointee.average_rows(
        top, top + row, UInt32(truncatingIfNeeded: y.width), x.stride, (x.scale / y.scale) * 0.25,
        y.int16 + i &* y.width &* y.stride)
    }
  }

  /// Copies every pixel to a square of four, 8 bytes (4 channels) at a time.
  func upsample(_ operation: drift_operator) {
    let (x, y) = (operand(operation.inputs.0), operand(operation.output))
    let words = x.stride / 4
    let source = x.base.assumingMemoryBound(to: UInt64.self)
    let target = y.base.assumingMemoryBound(to: UInt64.self)
    for row in team.share(of: y.height) {
      for column in 0..<y.width {
        let from = source + ((row &>> 1) &* x.width &+ (column &>> 1)) &* words
        let to = target + (row &* y.width &+ column) &* words
        for word in 0..<words { to[word] = from[word] }
      }
    }
  }

  func concatenate(_ operation: drift_operator) {
    let (a, b, y) = (operand(operation.inputs.0), operand(operation.inputs.1), operand(operation.output))
    copy(a, into: y, channel: 0)
    copy(b, into: y, channel: a.channels)
  }

  private func copy(_ part: Operand, into y: Operand, channel: Int) {
    let pixels = team.share(of: part.pixels)
    var target = destination(y, channel: channel, pixel: pixels.lowerBound)
    kernels.pointee.rescale(
      part.int16 + pixels.lowerBound &* part.stride, part.stride, UInt32(truncatingIfNeeded: pixels.count),
      UInt32(truncatingIfNeeded: part.channels), part.scale / y.scale, &target)
  }

  /// The whole tensor as one run of values: as many whole rows of `ActivateScratch.run` as there are, and the rest.
  func activate(_ operation: drift_operator) {
    let (x, y) = (operand(operation.inputs.0), operand(operation.output))
    if operation.isOfStep { return activateChannels(operation, x, to: y) }
    let layout = ActivateScratch()
    let scales = scratch(operation).at(layout.scales, Float.self)
    let shifts = scratch(operation).at(layout.shifts, Float.self)
    for i in 0..<ActivateScratch.run {
      scales[i] = x.scale
      shifts[i] = 0
    }
    var transform = drift_transform(
      scale: scales, shift: shifts, table: activationTable(operation), activation: operation.activation, inverse: 1 / y.scale)
    let values = team.share(of: x.count, granule: ActivateScratch.run)
    var target = destination(y, channel: values.lowerBound)
    target.stride = ActivateScratch.run
    let rows = values.count / ActivateScratch.run
    let run = UInt32(truncatingIfNeeded: ActivateScratch.run)
    kernels.pointee.transform(
      x.int16 + values.lowerBound, ActivateScratch.run, UInt32(truncatingIfNeeded: rows), run, &transform, &target)
    let done = rows &* ActivateScratch.run
    if done < values.count {
      target = destination(y, channel: values.lowerBound &+ done)
      kernels.pointee.transform(
        x.int16 + (values.lowerBound &+ done), 0, 1, UInt32(truncatingIfNeeded: values.count &- done), &transform, &target)
    }
  }

  /// The same with a factor and an offset of the step for each channel.
  private func activateChannels(_ operation: drift_operator, _ x: Operand, to y: Operand) {
    let layout = NormalizeScratch(channels: UInt64(truncatingIfNeeded: y.channels))
    let scales = scratch(operation).at(layout.scales, Float.self)
    let shifts = scratch(operation).at(layout.shifts, Float.self)
    let gate = operation.gate_column.isPresent ? stepRow.map { $0 + Int(truncatingIfNeeded: operation.gate_column) } : nil
    let step = operation.step_column.isPresent ? stepRow.map { $0 + Int(truncatingIfNeeded: operation.step_column) } : nil
    for c in 0..<y.channels {
      (scales[c], shifts[c]) = (x.scale, 0)
      if let gate { scales[c] = x.scale * (drift_f32_from_i32(Int32(truncatingIfNeeded: gate[c])) * operation.gate_scale) }
      if let step { shifts[c] = drift_f32_from_i32(Int32(truncatingIfNeeded: step[c])) * operation.step_scale }
    }
    apply(operation, x, to: y, channel: 0, pixels: team.share(of: x.pixels))
  }

  /// The first input times the activation of the second, a run of `ActivateScratch.run` values at a time.
  func multiply(_ operation: drift_operator) {
    let (a, b, y) = (operand(operation.inputs.0), operand(operation.inputs.1), operand(operation.output))
    let products = scratch(operation).at(ActivateScratch().scales, Float.self)
    let values = team.share(of: a.count, granule: ActivateScratch.run)
    var first = values.lowerBound
    while first < values.upperBound {
      let count = UInt32(truncatingIfNeeded: min(ActivateScratch.run, values.upperBound &- first))
      drift_products(
        a.int16 + first, b.int16 + first, count, b.scale, operation.activation, activationTable(operation), products)
      var target = destination(y, channel: first)
      kernels.pointee.quantize(products, 0, 1, count, a.scale / y.scale, &target)
      first &+= ActivateScratch.run
    }
  }

  func activationTable(_ operation: drift_operator) -> UnsafePointer<Float>? {
    switch operation.activation {
    case DRIFT_ACTIVATION_TABLE.rawValue, DRIFT_ACTIVATION_BUMP.rawValue: floats(operation.constants.2)
    default: nil
    }
  }
}

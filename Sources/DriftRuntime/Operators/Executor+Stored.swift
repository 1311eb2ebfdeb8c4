import CDriftFormat
import CDriftKernels
import DriftFormat

/// Operators whose constants are as large as tensors.
extension Executor {
  /// A row of stored values; int8 operands lie in memory with the kernels' bias.
  func load(_ operation: drift_operator) {
    let y = operand(operation.output)
    let row: Int
    switch operation.mode {
    case DRIFT_LOAD_CLASS.rawValue: row = classRow
    case DRIFT_LOAD_STEP.rawValue: row = self.row
    default: row = 0
    }
    let values = file.data(of: Int(truncatingIfNeeded: operation.constants.0)) + row &* y.bytes
    let bytes = team.share(of: y.bytes, granule: 64)
    let bias = kernels.pointee.operand_bias
    guard y.type == DRIFT_TYPE_INT8.rawValue, bias != 0 else {
      (y.base + bytes.lowerBound).copyMemory(from: values + bytes.lowerBound, byteCount: bytes.count)
      return
    }
    let source = values.assumingMemoryBound(to: Int8.self)
    for i in bytes { y.int8[i] = Int8(truncatingIfNeeded: Int32(truncatingIfNeeded: source[i]) &+ bias) }
  }

  /// Copies pixels from anywhere, run by run: pixels whose places have the same distance from each to the next.
  func gather(_ operation: drift_operator) {
    let (a, y) = (operand(operation.inputs.0), operand(operation.output))
    let b = operation.inputs.1.isPresent ? operand(operation.inputs.1) : a
    let indices = file.data(of: Int(truncatingIfNeeded: operation.constants.0)).assumingMemoryBound(to: Int32.self)
    let pixels = team.share(of: y.pixels)
    var pixel = pixels.lowerBound
    while pixel < pixels.upperBound {
      let first = Int(truncatingIfNeeded: indices[pixel])
      guard first >= 0 else {
        for c in 0..<y.channels { y.int16[pixel &* y.stride &+ c] = 0 }
        pixel &+= 1
        continue
      }
      var (count, distance) = (1, 0)
      while pixel &+ count < pixels.upperBound {
        let place = Int(truncatingIfNeeded: indices[pixel &+ count])
        // A run ends at a zero pixel, at a step back, and where the second input begins.
        let step = place &- first &- (count &- 1) &* distance
        if place < 0 || step < 0 || (count > 1 && step != distance) || (first < a.count) != (place < a.count) { break }
        distance = step
        count &+= 1
      }
      let part = first < a.count ? a : b
      var target = destination(y, pixel: pixel)
      kernels.pointee.rescale(
        part.int16 + (first < a.count ? first : first &- a.count), distance, UInt32(truncatingIfNeeded: count),
        UInt32(truncatingIfNeeded: y.channels), part.scale / y.scale, &target)
      pixel &+= count
    }
  }

  /// Each pixel in units of the codes, then the nearest code in units of the output.
  func findCodes(_ operation: drift_operator) {
    let (x, y) = (operand(operation.inputs.0), operand(operation.output))
    let constant = file.constants[Int(truncatingIfNeeded: operation.constants.0)]
    let codes = file.data(of: Int(truncatingIfNeeded: operation.constants.0)).assumingMemoryBound(to: Int16.self)
    let channels = UInt32(truncatingIfNeeded: y.channels)
    let pixel = scratch(operation).at(0, Int16.self)
    var own = drift_destination(
      base: pixel, low: nil, stride: y.channels, type: DRIFT_STORE_INT16.rawValue,
      quantizer: drift_quantizer(low: -32767, high: 32767, zero_point: 0))
    for position in team.share(of: y.pixels) {
      kernels.pointee.rescale(x.int16 + position &* x.stride, x.stride, 1, channels, x.scale / operation.gain, &own)
      let code = drift_nearest_code(pixel, codes, constant.outputs, channels)
      var target = destination(y, pixel: position)
      kernels.pointee.rescale(
        codes + Int(truncatingIfNeeded: code) &* y.channels, y.channels, 1, channels, operation.gain / y.scale, &target)
    }
  }
}

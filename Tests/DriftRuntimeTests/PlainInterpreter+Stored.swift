import CDriftFormat
import DriftEmission

/// Operators whose constants are as large as tensors.
extension PlainInterpreter {
  /// The row of a stored tensor that the mode, step and class ask for, without its padding channels.
  func storedRow(_ op: drift_operator) -> [Int] {
    let (tensor, bytes) = (image.tensors[Int(op.output)], image.constants[Int(op.constants.0)].bytes)
    let row = op.mode == 0 ? 0 : op.mode == 1 ? classLabel : Int(image.steps[step].step_row) + classLabel
    let isWide = tensor.type == DRIFT_TYPE_INT16
    let stride = (tensor.channels + 3) / 4 * 4
    let first = row * pixels(Int(op.output)) * stride
    return (0..<pixels(Int(op.output)) * tensor.channels).map { index in
      let value = first + index / tensor.channels * stride + index % tensor.channels
      guard isWide else { return Int(Int8(bitPattern: bytes[value])) }
      return Int(Int16(bitPattern: UInt16(bytes[2 * value]) | UInt16(bytes[2 * value + 1]) << 8))
    }
  }

  /// Pixels from anywhere in the integers of one or two inputs.
  func gathered(_ op: drift_operator, _ a: [Int], _ b: [Int]) -> [Int] {
    let (inputA, y) = (image.tensors[Int(op.inputs.0)], Int(op.output))
    let indices = image.constants[Int(op.constants.0)].bytes
    let sizeA = inputA.height * inputA.width * ((inputA.channels + 3) / 4 * 4)
    var result: [Int] = []
    for pixel in 0..<pixels(y) {
      let index = (0..<4).reduce(0) { $0 | Int32(truncatingIfNeeded: Int(indices[4 * pixel + $1]) << (8 * $1)) }
      let isSecond = Int(index) >= sizeA
      let tensor = Int(isSecond ? op.inputs.1 : op.inputs.0)
      for c in 0..<image.tensors[y].channels {
        guard index >= 0 else {
          result.append(0)
          continue
        }
        let (channels, place) = (image.tensors[tensor].channels, Int(index) - (isSecond ? sizeA : 0))
        let stride = (channels + 3) / 4 * 4
        let q = (isSecond ? b : a)[place / stride * channels + place % stride + c]
        result.append(stored(Float(q) * (scale(tensor) / scale(y)), y))
      }
    }
    return result
  }

  /// The nearest code to each pixel.
  func nearestCodes(_ op: drift_operator, _ q: [Int]) -> [Int] {
    let (x, y) = (Int(op.inputs.0), Int(op.output))
    let (channels, bytes) = (image.tensors[y].channels, image.constants[Int(op.constants.0)].bytes)
    let values = stride(from: 0, to: bytes.count, by: 2).map {
      Int(Int16(bitPattern: UInt16(bytes[$0]) | UInt16(bytes[$0 + 1]) << 8))
    }
    let codes = (0..<values.count / channels).map { Array(values[$0 * channels..<($0 + 1) * channels]) }
    return (0..<pixels(y)).flatMap { p -> [Int] in
      let own = q[p * channels..<(p + 1) * channels].map { value -> Int in
        Int(min(max(Float(value) * (scale(x) / op.gain), -32767), 32767).rounded(.toNearestOrEven))
      }
      let distances = codes.map { code in zip(own, code).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
      let nearest = distances.firstIndex(of: distances.min() ?? 0) ?? 0
      return codes[nearest].map { stored(Float($0) * (op.gain / scale(y)), y) }
    }
  }
}

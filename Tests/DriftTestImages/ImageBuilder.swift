import DriftEmission
import DriftFormat

/// Builds small images operator by operator, with made-up weights and scales.
public struct ImageBuilder {
  /// The image so far.
  public var image = DriftImage()
  private var random: SeededGenerator

  /// Equal seeds give equal weights.
  public init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
  }

  /// Adds a tensor.
  public mutating func tensor(
    _ name: String, _ type: drift_type, _ height: Int, _ width: Int, _ channels: Int, flags: UInt32 = 0
  ) -> Int32 {
    image.tensors.append(.init(name: name, type: type, flags: flags, height: height, width: width, channels: channels))
    return Int32(image.tensors.count - 1)
  }

  /// Adds a float32 tensor that persists between steps, of the sample's shape.
  public mutating func persistent(_ name: String) -> Int32 {
    let model = image.model
    return tensor(
      name, DRIFT_TYPE_FLOAT32, Int(model.sample_height), Int(model.sample_width), Int(model.sample_channels),
      flags: DRIFT_TENSOR_PERSISTENT.rawValue)
  }

  /// Adds an operator after `change` has filled in its fields; returns its output.
  @discardableResult
  public mutating func add(
    _ name: String, _ opcode: drift_opcode, _ inputs: [Int32], to output: Int32, _ change: (inout drift_operator) -> Void = { _ in }
  ) -> Int32 {
    var record = drift_operator(opcode: opcode)
    let padded = inputs + [Int32](repeating: .absent, count: 4 - inputs.count)
    record.inputs = (padded[0], padded[1], padded[2], padded[3])
    record.output = output
    change(&record)
    image.operators.append(.init(name: name, record: record))
    return output
  }

  /// Adds a convolution with random weights; `change` may set stride, residual gain or step column.
  @discardableResult
  public mutating func convolve(
    _ name: String, _ input: Int32, residual: Int32? = nil, to output: Int32, kernel: Int = 1, pad: Int = 0, phases: Int = 1,
    _ change: (inout drift_operator) -> Void = { _ in }
  ) -> Int32 {
    let (inputs, outputs) = (image.tensors[Int(input)].channels, image.tensors[Int(output)].channels)
    let constants = convolutionConstants(name, outputs: phases * outputs, inputs: inputs, taps: kernel * kernel)
    return add(name, DRIFT_OP_CONVOLUTION, [input] + (residual.map { [$0] } ?? []), to: output) { record in
      record.constants = (constants.0, constants.1, constants.2, constants.3, .absent)
      (record.kernel_height, record.kernel_width, record.stride) = (UInt32(kernel), UInt32(kernel), 1)
      (record.pad_top, record.pad_left) = (UInt32(pad), UInt32(pad))
      record.gain = residual == nil ? 0 : 1
      record.upsample = phases == 1 ? 0 : DRIFT_UPSAMPLE_PHASES.rawValue
      change(&record)
    }
  }

  private mutating func convolutionConstants(
    _ name: String, outputs: Int, inputs: Int, taps: Int
  ) -> (Int32, Int32, Int32, Int32) {
    var weights: [Int8] = []
    for _ in 0..<outputs * inputs * taps { weights.append(Int8(random.next(below: 255) - 127)) }
    let packed = WeightPacking.pack(weights, outputs: outputs, inputs: inputs, taps: taps)
    let sums = WeightPacking.sums(weights, outputs: outputs, inputs: inputs, taps: taps)
    return (
      constant("\(name).weights", DRIFT_CONSTANT_WEIGHTS, outputs, taps, inputs, packed),
      floats("\(name).scales", (0..<outputs).map { 0.002 + 0.0001 * Float($0) }),
      floats("\(name).bias", (0..<outputs).map { 0.05 * Float($0 % 5) - 0.1 }),
      constant("\(name).sums", DRIFT_CONSTANT_SUMS, outputs, 1, 1, Self.bytes(sums))
    )
  }

  /// Adds a normalization; `table` gives it an activation table, `eachValue` factors for each value of the tensor.
  @discardableResult
  public mutating func normalize(
    _ name: String, _ inputs: [Int32], to output: Int32, groups: Int, activation: drift_activation, table: Int32 = .absent,
    eachValue: Bool = false, _ change: (inout drift_operator) -> Void = { _ in }
  ) -> Int32 {
    let tensor = image.tensors[Int(output)]
    let count = tensor.channels * (eachValue ? tensor.height * tensor.width : 1)
    let gamma = floats("\(name).gamma", (0..<count).map { 0.8 + 0.05 * Float($0 % 32) })
    let beta = floats("\(name).beta", (0..<count).map { 0.1 - 0.02 * Float($0 % 32) })
    return add(name, DRIFT_OP_NORMALIZE, inputs, to: output) { record in
      record.constants = (gamma, beta, table, .absent, .absent)
      record.activation = activation.rawValue
      record.groups = UInt32(groups)
      record.epsilon = 1e-5
      change(&record)
    }
  }

  /// Adds a constant of floats.
  public mutating func floats(_ name: String, _ values: [Float], _ kind: drift_constant_kind = DRIFT_CONSTANT_FLOATS) -> Int32 {
    constant(name, kind, values.count, 1, 1, Self.bytes(values))
  }

  /// A table that stands for a smooth activation: relu(y) - f(y) is a bump around zero.
  public mutating func activationTable(_ name: String) -> Int32 {
    let values = (0..<Int(DRIFT_ACTIVATION_TABLE_ENTRIES)).map { index -> Float in
      let y = Float(index - 1024) / 128
      return 0.28 / (1 + y * y)
    }
    return constant(name, DRIFT_CONSTANT_ACTIVATION, values.count, 1, 1, Self.bytes(values))
  }

  /// A table that falls from 255 to 0.
  public mutating func expTable(_ name: String) -> Int32 {
    let values = (0..<Int(DRIFT_EXP_TABLE_ENTRIES)).map { UInt8(255 * (2047 - $0) / 2047) }
    return constant(name, DRIFT_CONSTANT_EXP, values.count, 1, 1, values)
  }

  /// Adds a constant of any kind.
  public mutating func constant(
    _ name: String, _ kind: drift_constant_kind, _ outputs: Int, _ taps: Int, _ inputs: Int, _ bytes: [UInt8]
  ) -> Int32 {
    image.constants.append(.init(name: name, kind: kind, outputs: outputs, taps: taps, inputs: inputs, bytes: bytes))
    return Int32(image.constants.count - 1)
  }

  /// Fills in plausible scales for every tensor in each of `groups` step groups. Equal types get equal scales.
  public mutating func quantize(groups: Int) {
    image.quantization = (0..<groups).map { group in
      image.tensors.map { tensor in
        switch tensor.type {
        case DRIFT_TYPE_FLOAT32, DRIFT_TYPE_INT32: drift_quantization(scale: 1, zero_point: 0)
        case DRIFT_TYPE_INT8:
          drift_quantization(
            scale: 0.03 + 0.01 * Float(group), zero_point: tensor.flags & DRIFT_TENSOR_SYMMETRIC.rawValue != 0 ? 0 : -7)
        default: drift_quantization(scale: 0.0002 + 0.0001 * Float(group), zero_point: 0)
        }
      }
    }
  }

  private static func bytes<Element>(_ values: [Element]) -> [UInt8] {
    values.withUnsafeBytes { Array($0) }
  }
}

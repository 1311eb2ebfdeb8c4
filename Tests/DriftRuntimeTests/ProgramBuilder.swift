import CDriftFormat
import DriftEmission
import DriftFormat

/// Random numbers that are the same on every run.
struct TestRandom: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (state ^ (state >> 29)) &* 0xBF58_476D_1CE4_E5B9
  }

  mutating func float(_ range: ClosedRange<Float>) -> Float { Float.random(in: range, using: &self) }
}

/// Makes small models with random weights, scales and tables, one operator at a time.
struct ProgramBuilder {
  var image = DriftImage()
  var random: TestRandom
  /// Weights, and what operands are made of, sit at the ends of their ranges.
  var usesExtremes = false
  /// Levels of int8 tensors; nil: all.
  var levels: Int?
  /// What ``finished()`` ends with.
  var body = 0
  private let groups: Int
  private let classes: Int
  /// Runs for one answer; 0 without neurons.
  private let spikeSteps: Int
  private var columns = 0
  private var columnValues: [[Int16]] = []
  private var activationTable: Int?
  private var expTable: Int?

  /// A model of `channels` x `height` x `width` samples with one step for each group.
  init(
    channels: Int, height: Int, width: Int, groups: Int = 2, classes: Int = 0, nullClass: Int? = nil, spikeSteps: Int = 0,
    seed: UInt64
  ) {
    random = TestRandom(seed)
    self.groups = groups
    self.classes = classes
    self.spikeSteps = spikeSteps
    image.model.spike_steps = UInt16(spikeSteps)
    image.model.sample_channels = UInt32(channels)
    image.model.sample_height = UInt32(height)
    image.model.sample_width = UInt32(width)
    image.model.class_count = UInt32(classes)
    image.model.training_steps = 1000
    image.model.data_low = -1
    image.model.data_high = 1
    image.quantization = Array(repeating: [], count: groups)
    image.model.state_tensor = Int32(persistent("state"))
    if let nullClass {
      image.model.null_class = Int32(nullClass)
      image.model.guidance_tensor = Int32(persistent("guidance"))
    }
    for group in 0..<groups {
      var step = drift_step()
      step.timestep = Float(900 - 10 * group)
      step.group = UInt32(group)
      (step.p, step.q) = (1.01, -0.3)
      (step.a, step.b, step.g) = (0.4, 0.55, 0.1)
      (step.clipped_a, step.clipped_b) = (0.7, 0.2)
      (step.guidance, step.output_scale) = (1, 1)
      step.write_slot = -1
      step.step_row = UInt32(group * rowsOfStep)
      image.steps.append(step)
    }
  }

  private var rowsOfStep: Int { max(spikeSteps, 1) * max(classes, 1) }

  var state: Int { Int(image.model.state_tensor) }

  /// A float32 tensor of the sample's shape that lives from step to step.
  mutating func persistent(_ name: String) -> Int {
    let model = image.model
    return tensor(
      DRIFT_TYPE_FLOAT32, Int(model.sample_height), Int(model.sample_width), Int(model.sample_channels), scale: 1,
      flags: DRIFT_TENSOR_PERSISTENT.rawValue, name: name)
  }

  /// A tensor; its scale differs a little between groups, and int8 has any zero point.
  mutating func tensor(
    _ type: drift_type, _ height: Int, _ width: Int, _ channels: Int, scale: Float, flags: UInt32 = 0, name: String = "t"
  ) -> Int {
    let isSymmetric = flags & DRIFT_TENSOR_SYMMETRIC.rawValue != 0
    let levels = type == DRIFT_TYPE_INT8 ? levels.map { isSymmetric ? max($0 / 2 * 2, 2) : $0 } : nil
    image.tensors.append(
      .init(name: name, type: type, flags: flags, levels: levels, height: height, width: width, channels: channels))
    for group in 0..<groups {
      var entry = drift_quantization(scale: scale, zero_point: 0)
      if type != DRIFT_TYPE_FLOAT32 && type != DRIFT_TYPE_INT32 { entry.scale *= random.float(0.8...1.3) }
      if let levels, type == DRIFT_TYPE_INT8 { entry.scale *= 255 / Float(levels) }
      if type == DRIFT_TYPE_INT8 && !isSymmetric {
        let highest = Int32(levels ?? 255) - 128
        entry.zero_point = usesExtremes ? [-128, highest][group % 2] : Int32.random(in: -128...highest, using: &random)
      }
      image.quantization[group].append(entry)
    }
    return image.tensors.count - 1
  }

  func shape(_ tensor: Int) -> (height: Int, width: Int, channels: Int) {
    (image.tensors[tensor].height, image.tensors[tensor].width, image.tensors[tensor].channels)
  }

  /// Scales with which values of magnitude about 1 fill a type, and sometimes overflow it.
  static func scale(_ type: drift_type) -> Float {
    switch type {
    case DRIFT_TYPE_INT8: 3 / 127
    case DRIFT_TYPE_INT16: 3 / 32767
    case DRIFT_TYPE_INT8_PAIR: 3 / 32639
    default: 1
    }
  }

  mutating func append(_ name: String, _ record: drift_operator, output: Int) -> Int {
    var record = record
    record.output = Int32(output)
    image.operators.append(.init(name: name, record: record))
    return output
  }

  mutating func quantize(_ x: Int, _ type: drift_type, symmetric: Bool = false) -> Int {
    let (h, w, c) = shape(x)
    var record = drift_operator(opcode: DRIFT_OP_QUANTIZE)
    record.inputs.0 = Int32(x)
    return append("quantize", record, output: tensor(type, h, w, c, scale: Self.scale(type), flags: flags(symmetric)))
  }

  func flags(_ symmetric: Bool) -> UInt32 { symmetric ? DRIFT_TENSOR_SYMMETRIC.rawValue : 0 }

  /// A convolution of an int8 or pair tensor; `size` is its output's, which decides the padding at the end.
  mutating func convolve(
    _ x: Int, to type: drift_type, channels: Int, size: (Int, Int), kernel: (Int, Int) = (1, 1), stride: Int = 1,
    pad: (Int, Int) = (0, 0),
    upsample: Bool = false, byPhases: Bool = false, residual: Int? = nil, stepBias: Bool = false, gated: Bool = false,
    symmetric: Bool = false
  ) -> Int {
    let inputs = shape(x).channels
    let taps = kernel.0 * kernel.1
    let outputs = byPhases ? 4 * channels : channels
    let weights = (0..<outputs * inputs * taps).map { _ -> Int8 in
      usesExtremes ? (Bool.random(using: &random) ? 127 : -127) : Int8.random(in: -127...127, using: &random)
    }
    var record = drift_operator(opcode: DRIFT_OP_CONVOLUTION)
    record.inputs.0 = Int32(x)
    (record.kernel_height, record.kernel_width) = (UInt32(kernel.0), UInt32(kernel.1))
    record.stride = UInt32(stride)
    (record.pad_top, record.pad_left) = (UInt32(pad.0), UInt32(pad.1))
    record.upsample = byPhases ? 2 : upsample ? 1 : 0
    if let residual {
      record.inputs.1 = Int32(residual)
      record.gain = random.float(0.3...1.2)
    }
    if stepBias { (record.step_column, record.step_scale) = (Int32(stepColumns(channels)), 0x1p-14) }
    if gated { (record.gate_column, record.gate_scale) = (Int32(stepColumns(channels)), 0x1p-14) }
    let spread = 1 / (73 * Float(inputs * taps).squareRoot())
    record.constants.0 = constant(
      DRIFT_CONSTANT_WEIGHTS, WeightPacking.pack(weights, outputs: outputs, inputs: inputs, taps: taps), outputs, taps, inputs)
    record.constants.1 = constant((0..<outputs).map { _ in random.float(0.5...1.5) * spread })
    record.constants.2 = constant((0..<outputs).map { _ in random.float(-0.5...0.5) })
    record.constants.3 = constant(
      DRIFT_CONSTANT_SUMS,
      WeightPacking.sums(weights, outputs: outputs, inputs: inputs, taps: taps).flatMap { bytes(of: $0) }, outputs)
    let y = tensor(type, size.0, size.1, channels, scale: Self.scale(type), flags: flags(symmetric))
    return append("convolution", record, output: y)
  }

  mutating func normalize(
    _ a: Int, _ b: Int? = nil, to type: drift_type, groups: Int = 1, activation: drift_activation, modulated: Bool = false,
    mode: drift_normalization = DRIFT_NORMALIZATION_GROUP, eachGamma: Bool = false, eachBeta: Bool = false
  ) -> Int {
    let (h, w, _) = shape(a)
    let channels = shape(a).channels + (b.map { shape($0).channels } ?? 0)
    var record = drift_operator(opcode: DRIFT_OP_NORMALIZE)
    record.inputs.0 = Int32(a)
    if let b { record.inputs.1 = Int32(b) }
    record.groups = UInt32(groups)
    record.mode = mode.rawValue
    record.epsilon = 1e-5
    record.activation = activation.rawValue
    if modulated { (record.step_column, record.step_scale) = (Int32(stepColumns(2 * channels)), 0x1p-15) }
    record.constants.0 = constant((0..<channels * (eachGamma ? h * w : 1)).map { _ in random.float(-1.2...1.2) })
    record.constants.1 = constant((0..<channels * (eachBeta ? h * w : 1)).map { _ in random.float(-0.5...0.5) })
    fillActivation(activation, in: &record)
    return append("normalize", record, output: tensor(type, h, w, channels, scale: Self.scale(type)))
  }

  mutating func activate(_ x: Int, to type: drift_type, activation: drift_activation) -> Int {
    let (h, w, c) = shape(x)
    var record = drift_operator(opcode: DRIFT_OP_ACTIVATE)
    record.inputs.0 = Int32(x)
    record.activation = activation.rawValue
    fillActivation(activation, in: &record)
    return append("activate", record, output: tensor(type, h, w, c, scale: Self.scale(type)))
  }

  mutating func attend(_ q: Int, _ k: Int, _ v: Int, heads: Int) -> Int {
    let ((h, w, c), (_, _, channels)) = (shape(q), shape(v))
    var record = drift_operator(opcode: DRIFT_OP_ATTENTION)
    record.inputs = (Int32(q), Int32(k), Int32(v), -1)
    record.heads = UInt32(heads)
    record.gain = 1 / (Float(c) / Float(heads)).squareRoot()
    let table = expTable ?? Int(constant(DRIFT_CONSTANT_EXP, (0..<2048).map { UInt8(255 * 2000 / (2000 + 12 * $0)) }, 2048))
    expTable = table
    record.constants.0 = Int32(table)
    return append("attention", record, output: tensor(DRIFT_TYPE_INT8, h, w, channels, scale: Self.scale(DRIFT_TYPE_INT8)))
  }

  mutating func add(_ a: Int, _ b: Int) -> Int {
    let (h, w, c) = shape(a)
    var record = drift_operator(opcode: DRIFT_OP_ADD)
    record.inputs = (Int32(a), Int32(b), -1, -1)
    (record.gain_a, record.gain) = (random.float(0.3...1), random.float(-1...1))
    return append("add", record, output: tensor(DRIFT_TYPE_INT16, h, w, c, scale: Self.scale(DRIFT_TYPE_INT16)))
  }

  mutating func averagePool(_ x: Int) -> Int {
    let (h, w, c) = shape(x)
    var record = drift_operator(opcode: DRIFT_OP_AVERAGE_POOL)
    record.inputs.0 = Int32(x)
    return append("pool", record, output: tensor(DRIFT_TYPE_INT16, h / 2, w / 2, c, scale: Self.scale(DRIFT_TYPE_INT16)))
  }

  mutating func upsample(_ x: Int) -> Int {
    let (h, w, c) = shape(x)
    var record = drift_operator(opcode: DRIFT_OP_UPSAMPLE)
    record.inputs.0 = Int32(x)
    let y = tensor(DRIFT_TYPE_INT16, h * 2, w * 2, c, scale: 1)
    for group in 0..<groups { image.quantization[group][y] = image.quantization[group][x] }
    return append("upsample", record, output: y)
  }

  mutating func concatenate(_ a: Int, _ b: Int) -> Int {
    let (h, w, c) = shape(a)
    var record = drift_operator(opcode: DRIFT_OP_CONCATENATE)
    record.inputs = (Int32(a), Int32(b), -1, -1)
    let y = tensor(DRIFT_TYPE_INT16, h, w, c + shape(b).channels, scale: Self.scale(DRIFT_TYPE_INT16))
    return append("concatenate", record, output: y)
  }

  /// An int16 tensor of `channels` channels made from the state.
  mutating func trunk(channels: Int) -> Int {
    let (h, w, _) = shape(state)
    return convolve(quantize(state, DRIFT_TYPE_INT8_PAIR), to: DRIFT_TYPE_INT16, channels: channels, size: (h, w))
  }

  /// Ends the program with a 1x1 convolution of `x` to the sample's shape. An int16 tensor goes through a pair: all its bits count.
  mutating func finish(_ x: Int) {
    let (h, w, c) = shape(state)
    let operand = image.tensors[x].type == DRIFT_TYPE_INT16 ? quantize(x, DRIFT_TYPE_INT8_PAIR) : x
    var y = convolve(operand, to: DRIFT_TYPE_FLOAT32, channels: c, size: (h, w))
    if spikeSteps > 0 { y = decay(y) }
    image.model.output_tensor = Int32(y)
    image.programs = [.init(name: "denoiser", operators: 0..<image.operators.count, input: state, output: y)]
    image.model.step_columns = UInt32(columns)
    image.stepTable = columnValues.flatMap { $0 }
  }

  /// The model that ends with ``body``.
  func finished() -> ProgramBuilder {
    var result = self
    result.finish(body)
    return result
  }

  mutating func stepColumns(_ count: Int) -> Int {
    if columnValues.isEmpty { columnValues = Array(repeating: [], count: groups * rowsOfStep) }
    for row in columnValues.indices {
      columnValues[row] += (0..<count).map { _ in Int16.random(in: -32767...32767, using: &random) }
    }
    defer { columns += count }
    return columns
  }

  mutating func fillActivation(_ activation: drift_activation, in record: inout drift_operator) {
    if activation == DRIFT_ACTIVATION_TABLE { record.constants.2 = Int32(table()) }
    if activation == DRIFT_ACTIVATION_BUMP {
      record.constants.2 = constant([9, 0.92, -0.06, -0.0125, 0.0025, -0.00013, 0, 0], DRIFT_CONSTANT_BUMP)
    }
  }

  private mutating func table() -> Int {
    if let activationTable { return activationTable }
    let table = Int(constant((0..<2048).map { _ in random.float(0...0.3) }, DRIFT_CONSTANT_ACTIVATION))
    activationTable = table
    return table
  }

  mutating func constant(_ values: [Float], _ kind: drift_constant_kind = DRIFT_CONSTANT_FLOATS) -> Int32 {
    constant(kind, values.flatMap { bytes(of: $0.bitPattern) }, values.count)
  }

  mutating func constant(
    _ kind: drift_constant_kind, _ bytes: [UInt8], _ outputs: Int, _ taps: Int = 1, _ inputs: Int = 1
  ) -> Int32 {
    image.constants.append(.init(name: "c", kind: kind, outputs: outputs, taps: taps, inputs: inputs, bytes: bytes))
    return Int32(image.constants.count - 1)
  }

  func bytes(of value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }
}

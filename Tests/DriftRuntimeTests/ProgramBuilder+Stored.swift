import CDriftFormat
import DriftEmission

extension ProgramBuilder {
  /// The product of a tensor and the activation of another.
  mutating func multiply(_ a: Int, _ b: Int, to type: drift_type, activation: drift_activation = DRIFT_ACTIVATION_NONE) -> Int {
    let (h, w, c) = shape(a)
    var record = drift_operator(opcode: DRIFT_OP_MULTIPLY)
    record.inputs = (Int32(a), Int32(b), -1, -1)
    record.activation = activation.rawValue
    fillActivation(activation, in: &record)
    return append("multiply", record, output: tensor(type, h, w, c, scale: Self.scale(type)))
  }

  /// A stored tensor with so many rows; values lie within `range` of those of its type.
  mutating func load(
    _ type: drift_type, size: (Int, Int), channels: Int, rows: Int = 1, mode: drift_load = DRIFT_LOAD_FIXED, symmetric: Bool = false
  ) -> Int {
    var record = drift_operator(opcode: DRIFT_OP_LOAD)
    record.mode = mode.rawValue
    let count = size.0 * size.1 * ((channels + 3) / 4 * 4)
    let steps = levels ?? 255
    let values: ClosedRange<Int8> = symmetric ? Int8(-max(steps / 2, 1))...Int8(max(steps / 2, 1)) : -128...Int8(steps - 128)
    let contents =
      type == DRIFT_TYPE_INT16
      ? (0..<rows * count).flatMap { _ in bytes(of: Int16.random(in: -32767...32767, using: &random)) }
      : (0..<rows * count).flatMap { _ in bytes(of: Int8.random(in: values, using: &random)) }
    record.constants.0 = constant(DRIFT_CONSTANT_VALUES, contents, rows, type == DRIFT_TYPE_INT16 ? 2 : 1, count)
    return append(
      "load", record, output: tensor(type, size.0, size.1, channels, scale: Self.scale(type), flags: flags(symmetric)))
  }

  /// Pixels of one or two tensors, by places; nil: zeros. A place is input, pixel and first channel.
  mutating func gather(_ inputs: [Int], size: (Int, Int), channels: Int, _ places: [(Int, Int, Int)?]) -> Int {
    var record = drift_operator(opcode: DRIFT_OP_GATHER)
    record.inputs.0 = Int32(inputs[0])
    if inputs.count > 1 { record.inputs.1 = Int32(inputs[1]) }
    let strides = inputs.map { (shape($0).channels + 3) / 4 * 4 }
    let first = shape(inputs[0])
    let indices = places.map { place -> Int32 in
      guard let place else { return -1 }
      let start = place.0 == 0 ? 0 : first.height * first.width * strides[0]
      return Int32(start + place.1 * strides[place.0] + place.2)
    }
    record.constants.0 = constant(DRIFT_CONSTANT_INDICES, indices.flatMap { bytes(of: $0) }, indices.count)
    return append("gather", record, output: tensor(DRIFT_TYPE_INT16, size.0, size.1, channels, scale: Self.scale(DRIFT_TYPE_INT16)))
  }

  /// The nearest of some random codes; the first comes twice, so that equal distances occur.
  mutating func codebook(_ x: Int, codes: Int) -> Int {
    let (h, w, c) = shape(x)
    var record = drift_operator(opcode: DRIFT_OP_CODEBOOK)
    record.inputs.0 = Int32(x)
    record.gain = 2.5 / 32767
    let book = (0..<codes).map { _ in (0..<c).map { _ in Int16.random(in: -20000...20000, using: &random) } }
    record.constants.0 = constant(
      DRIFT_CONSTANT_CODEBOOK, (book + book.prefix(1)).flatMap { $0.flatMap { bytes(of: $0) } }, codes + 1, 1, c)
    return append("codebook", record, output: tensor(DRIFT_TYPE_INT16, h, w, c, scale: Self.scale(DRIFT_TYPE_INT16)))
  }

  /// Adds a decoder to a finished program: the state in `channels` channels, enlarged `factor` times by a gather.
  mutating func addDecoder(channels: Int, factor: Int, _ body: (inout ProgramBuilder, Int) -> Int = { $1 }) {
    let (h, w, _) = shape(state)
    let first = image.operators.count
    let x = body(&self, trunk(channels: channels))
    let width = w * factor
    let places = (0..<h * factor * width).map { (0, $0 / width / factor * w + $0 % width / factor, 0) }
    let large = gather([x], size: (h * factor, width), channels: channels, places)
    let y = convolve(
      quantize(large, DRIFT_TYPE_INT8_PAIR), to: DRIFT_TYPE_FLOAT32, channels: 3, size: (h * factor, width), kernel: (3, 3),
      pad: (1, 1))
    image.programs.append(
      .init(name: "decoder", operators: first..<image.operators.count, input: state, output: y, role: DRIFT_PROGRAM_DECODER))
  }
}

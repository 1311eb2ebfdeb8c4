import DriftEmission
import DriftFormat

extension TestImages {
  /// A network that keeps two tensors of its deep part from step to step, for two programs that compute the rest of it: with classes,
  /// guidance, and steps in two groups.
  public static func cached() -> DriftImage {
    var builder = deepNetwork()
    addShallowProgram(&builder, "near", ["fine", "stem", "join", "near", "skip", "total", "last", "out"])
    addShallowProgram(&builder, "far", ["skip", "total.far", "last.far", "out.far"])
    return finishedCached(&builder, programs: [0, 1, 1, 0, 2, 1])
  }

  /// The deep network with any number of programs that read its kept tensors.
  public static func cached(programs: Int) -> DriftImage {
    var builder = deepNetwork()
    for index in 1..<programs {
      addShallowProgram(&builder, "near\(index)", ["fine", "stem", "join", "near", "skip", "total", "last", "out"])
    }
    return finishedCached(&builder, programs: [0, 1])
  }

  /// As ``cached()``, with a last program that reads nothing of the others.
  public static func cachedWithExpert() -> DriftImage {
    var builder = deepNetwork()
    addShallowProgram(&builder, "near", ["fine", "stem", "join", "near", "skip", "total", "last", "out"])
    let state = builder.image.model.state_tensor
    let q = builder.add("expert.q", DRIFT_OP_QUANTIZE, [state], to: builder.tensor("expert.q", DRIFT_TYPE_INT8, 8, 8, 1))
    let answer = builder.convolve("expert.conv", q, to: builder.tensor("expert.e", DRIFT_TYPE_FLOAT32, 8, 8, 1))
    let count = builder.image.operators.count
    builder.image.programs.append(
      .init(name: "expert", operators: count - 2..<count, input: Int(state), output: Int(answer)))
    return finishedCached(&builder, programs: [0, 1])
  }

  /// A chain of which `count` tensors are kept, and a program that adds them up.
  public static func keeping(_ count: Int) -> DriftImage {
    var builder = ImageBuilder(seed: 8)
    setSample(&builder, height: 1, width: 1, channels: 1)
    let state = builder.persistent("x")
    builder.image.model.state_tensor = state
    let (int16, int8) = (DRIFT_TYPE_INT16, DRIFT_TYPE_INT8)
    let q = builder.add("q", DRIFT_OP_QUANTIZE, [state], to: builder.tensor("q", int8, 1, 1, 1))
    var tensor = builder.convolve("conv", q, to: builder.tensor("trunk", int16, 1, 1, 1))
    var kept: [Int32] = []
    for index in 0..<count {
      tensor = builder.add(
        "relu", DRIFT_OP_ACTIVATE, [tensor], to: builder.tensor("k\(index)", int16, 1, 1, 1, flags: DRIFT_TENSOR_KEPT.rawValue)
      ) { $0.activation = DRIFT_ACTIVATION_RELU.rawValue }
      kept.append(tensor)
    }
    let p = builder.add("p", DRIFT_OP_QUANTIZE, [tensor], to: builder.tensor("p", int8, 1, 1, 1))
    let answer = builder.convolve("out", p, to: builder.tensor("e", DRIFT_TYPE_FLOAT32, 1, 1, 1))
    builder.image.model.output_tensor = answer
    let first = builder.image.operators.count
    var sum = kept[0]
    for other in kept {
      sum = builder.add("add", DRIFT_OP_ADD, [sum, other], to: builder.tensor("sum", int16, 1, 1, 1)) {
        ($0.gain, $0.gain_a) = (1, 1)
      }
    }
    let r = builder.add("r", DRIFT_OP_QUANTIZE, [sum], to: builder.tensor("r", int8, 1, 1, 1))
    let total = builder.convolve("total", r, to: builder.tensor("t", DRIFT_TYPE_FLOAT32, 1, 1, 1))
    builder.image.programs = [
      .init(name: "unet", operators: 0..<first, input: Int(state), output: Int(answer)),
      .init(name: "adder", operators: first..<builder.image.operators.count, input: Int(state), output: Int(total)),
    ]
    builder.image.steps = [step(timestep: 500, group: 0, row: 0), step(timestep: 250, group: 0, row: 0)]
    builder.image.steps[1].program = 1
    builder.quantize(groups: 1)
    return planned(builder.image)
  }

  /// The program that computes everything: a picture, its lower half of the resolution, and back.
  private static func deepNetwork() -> ImageBuilder {
    var b = ImageBuilder(seed: 7)
    setSample(&b, height: 8, width: 8, channels: 1)
    b.image.model.class_count = 3
    b.image.model.null_class = 2
    let state = b.persistent("x")
    b.image.model.state_tensor = state
    b.image.model.guidance_tensor = b.persistent("e.null")
    let (int16, int8, pair, kept) = (DRIFT_TYPE_INT16, DRIFT_TYPE_INT8, DRIFT_TYPE_INT8_PAIR, DRIFT_TENSOR_KEPT.rawValue)
    let silu = b.activationTable("silu")

    let fine = b.add("fine", DRIFT_OP_QUANTIZE, [state], to: b.tensor("fine", pair, 8, 8, 1))
    let stem = b.convolve("stem", fine, to: b.tensor("stem", int16, 8, 8, 6), kernel: 3, pad: 1) {
      ($0.step_column, $0.step_scale) = (0, 0.0005)
    }
    let norm = b.normalize(
      "norm", [stem], to: b.tensor("norm", int8, 8, 8, 6), groups: 2, activation: DRIFT_ACTIVATION_TABLE, table: silu)
    let down = b.convolve("down", norm, to: b.tensor("down", int16, 4, 4, 8), kernel: 3, pad: 1) { $0.stride = 2 }
    let small = b.add("small", DRIFT_OP_QUANTIZE, [down], to: b.tensor("small", int8, 4, 4, 8))
    let deep = b.convolve("deep", small, to: b.tensor("deep", int16, 8, 8, 5, flags: kept), kernel: 3, pad: 1) { $0.upsample = 1 }
    let thin = b.add("thin", DRIFT_OP_QUANTIZE, [deep], to: b.tensor("thin", int8, 8, 8, 5, flags: kept))
    let join = b.normalize(
      "join", [deep, stem], to: b.tensor("join", int8, 8, 8, 11), groups: 1, activation: DRIFT_ACTIVATION_TABLE, table: silu)
    let near = b.convolve("near", join, to: b.tensor("near", int16, 8, 8, 4))
    let skip = b.convolve("skip", thin, to: b.tensor("skip", int16, 8, 8, 4))
    let total = b.add("total", DRIFT_OP_ADD, [near, skip], to: b.tensor("total", int16, 8, 8, 4)) { ($0.gain, $0.gain_a) = (1, 1) }
    let last = b.add("last", DRIFT_OP_QUANTIZE, [total], to: b.tensor("last", pair, 8, 8, 4))
    let answer = b.convolve("out", last, to: b.tensor("e", DRIFT_TYPE_FLOAT32, 8, 8, 1), kernel: 3, pad: 1)
    b.image.model.output_tensor = answer
    b.image.programs = [.init(name: "unet", operators: 0..<b.image.operators.count, input: Int(state), output: Int(answer))]
    return b
  }

  /// Adds a program of copies of the first one's operators, with its constants. A name that ends in `.far` takes the copy's input from
  /// the operator before it.
  private static func addShallowProgram(_ b: inout ImageBuilder, _ program: String, _ names: [String]) {
    let first = b.image.operators.count
    var copies: [Int32: Int32] = [:]
    for name in names {
      let isFar = name.hasSuffix(".far")
      let original = b.image.operators.first { $0.name == (isFar ? String(name.dropLast(4)) : name) }
      guard let original else { fatalError("no operator is called \(name)") }
      var record = original.record
      let template = b.image.tensors[Int(record.output)]
      let output = b.tensor(
        "\(program).\(template.name)", template.type, template.height, template.width, template.channels,
        flags: template.flags & ~DRIFT_TENSOR_KEPT.rawValue)
      copies[record.output] = output
      record.output = output
      func copy(_ tensor: Int32) -> Int32 { copies[tensor] ?? tensor }
      record.inputs = (copy(record.inputs.0), copy(record.inputs.1), copy(record.inputs.2), copy(record.inputs.3))
      if isFar && record.opcode == DRIFT_OP_ADD.rawValue { record.inputs.0 = record.inputs.1 }
      b.image.operators.append(.init(name: "\(program).\(original.name)", record: record))
    }
    let count = b.image.operators.count
    b.image.programs.append(
      .init(
        name: program, operators: first..<count, input: Int(b.image.model.state_tensor),
        output: Int(b.image.operators[count - 1].record.output)))
  }

  private static func finishedCached(_ b: inout ImageBuilder, programs: [UInt32]) -> DriftImage {
    b.image.model.step_columns = 6
    b.image.stepTable = (0..<programs.count * 18).map { (index: Int) -> Int16 in Int16(index * 37 % 2001 - 1000) }
    b.image.steps = programs.enumerated().map { index, program in
      var step = step(timestep: Float(900 - 100 * index), group: index < programs.count / 2 ? 0 : 1, row: UInt32(index * 3))
      step.program = program
      return step
    }
    // What is not guided anew uses what was kept for the null class before.
    if programs.count > 4 { b.image.steps[3].guidance = 0 }
    b.quantize(groups: 2)
    for tensor in b.image.tensors.indices where b.image.tensors[tensor].flags & DRIFT_TENSOR_KEPT.rawValue != 0 {
      b.image.quantization[1][tensor] = b.image.quantization[0][tensor]
    }
    b.image.metadata = [("checkpoint", "test"), ("sampler", "ddim")]
    return planned(b.image)
  }
}

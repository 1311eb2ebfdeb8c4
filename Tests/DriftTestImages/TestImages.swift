import DriftEmission
import DriftFormat

/// Small valid images.
public enum TestImages {
  /// One 1x1 convolution between state and answer, a single step: the smallest useful file.
  public static func minimal() -> DriftImage {
    var builder = ImageBuilder(seed: 1)
    setSample(&builder, height: 2, width: 2, channels: 1)
    builder.image.model.state_tensor = builder.persistent("x")
    let state = builder.image.model.state_tensor
    let q = builder.add("q", DRIFT_OP_QUANTIZE, [state], to: builder.tensor("q", DRIFT_TYPE_INT8, 2, 2, 1))
    let answer = builder.convolve("conv", q, to: builder.tensor("e", DRIFT_TYPE_FLOAT32, 2, 2, 1))
    builder.image.model.output_tensor = answer
    builder.image.programs = [.init(name: "unet", operators: 0..<2, input: Int(state), output: Int(answer))]
    builder.image.steps = [step(timestep: 500, group: 0, row: 0)]
    builder.quantize(groups: 1)
    builder.image.metadata = [("checkpoint", "test"), ("sampler", "ddim")]
    return planned(builder.image)
  }

  /// Every operator, every tensor type, two programs, two step groups, classes with every kind of guidance, noise, history and modulation.
  public static func complete() -> DriftImage {
    var builder = ImageBuilder(seed: 2)
    setSample(&builder, height: 8, width: 8, channels: 1)
    builder.image.model.class_count = 3
    builder.image.model.null_class = 2
    builder.image.model.history_count = 2
    builder.image.model.flags = DRIFT_MODEL_ALWAYS_CLIPPED_EPSILON.rawValue
    let state = builder.persistent("x")
    builder.image.model.state_tensor = state
    builder.image.model.guidance_tensor = builder.persistent("e.null")
    builder.image.model.noise_tensor = builder.persistent("noise")
    builder.image.model.history_tensors.0 = builder.persistent("history.0")
    builder.image.model.history_tensors.1 = builder.persistent("history.1")
    builder.image.model.class_tensor = builder.persistent("e.class")

    let answer = addDenoiser(&builder, state)
    let count = builder.image.operators.count
    builder.image.model.output_tensor = answer
    let q = builder.add("expert.q", DRIFT_OP_QUANTIZE, [state], to: builder.tensor("expert.q", DRIFT_TYPE_INT8, 8, 8, 1))
    let expert = builder.convolve("expert.conv", q, to: builder.tensor("expert.e", DRIFT_TYPE_FLOAT32, 8, 8, 1), kernel: 3, pad: 1)
    builder.image.programs = [
      .init(name: "unet", operators: 0..<count, input: Int(state), output: Int(answer)),
      .init(name: "expert", operators: count..<count + 2, input: Int(state), output: Int(expert)),
    ]

    builder.image.model.step_columns = 18
    builder.image.stepTable = (0..<216).map { (index: Int) -> Int16 in Int16(index * 37 % 2001 - 1000) }
    builder.image.steps = (0..<4).map { (index: Int) -> drift_step in
      var step = step(timestep: Float(750 - 250 * index), group: index < 2 ? 0 : 1, row: UInt32(index * 3))
      step.d = index < 3 ? 0.05 : 0
      step.write_slot = Int32(index % 2)
      step.write_source = UInt32(index % 3)
      if index > 0 { step.c.0 = 0.01 }
      if index > 1 { step.c.1 = -0.01 }
      step.program = index == 3 ? 1 : 0
      step.guidance = index == 3 ? 0 : 1
      step.output_scale = index == 2 ? 0.5 : 1
      if index == 2 { (step.null_source, step.estimate) = (DRIFT_NULL_ESTIMATED.rawValue, (0.9, -0.8, 0.9)) }
      return step
    }
    builder.quantize(groups: 2)
    builder.image.metadata = [("calibration.samples", "0"), ("checkpoint", "test"), ("note", "größer als α")]
    return planned(builder.image)
  }

  /// A chain in which `count` tensors are all alive at once.
  public static func crowded(_ count: Int) -> DriftImage {
    var builder = ImageBuilder(seed: 3)
    setSample(&builder, height: 1, width: 1, channels: 1)
    let state = builder.persistent("x")
    builder.image.model.state_tensor = state
    let q = builder.add("q", DRIFT_OP_QUANTIZE, [state], to: builder.tensor("q", DRIFT_TYPE_INT8, 1, 1, 1))
    var all: [Int32] = []
    let first = builder.convolve("conv", q, to: builder.tensor("trunk", DRIFT_TYPE_INT16, 1, 1, 1))
    for index in 0..<count {
      all.append(
        builder.add("relu", DRIFT_OP_ACTIVATE, [first], to: builder.tensor("a\(index)", DRIFT_TYPE_INT16, 1, 1, 1)) {
          $0.activation = DRIFT_ACTIVATION_RELU.rawValue
        })
    }
    var sum = first
    for tensor in all {
      sum = builder.add("add", DRIFT_OP_ADD, [sum, tensor], to: builder.tensor("sum", DRIFT_TYPE_INT16, 1, 1, 1)) {
        ($0.gain, $0.gain_a) = (1, 1)
      }
    }
    let last = builder.add("q2", DRIFT_OP_QUANTIZE, [sum], to: builder.tensor("q2", DRIFT_TYPE_INT8, 1, 1, 1))
    let answer = builder.convolve("out", last, to: builder.tensor("e", DRIFT_TYPE_FLOAT32, 1, 1, 1))
    builder.image.model.output_tensor = answer
    builder.image.programs = [
      .init(name: "unet", operators: 0..<builder.image.operators.count, input: Int(state), output: Int(answer))
    ]
    builder.image.steps = [step(timestep: 500, group: 0, row: 0)]
    builder.quantize(groups: 1)
    return planned(builder.image)
  }

  /// A 3x3 convolution of 1 output over `inputs` channels, all weights 127: its accumulator grows with the channels.
  public static func wide(inputs: Int) -> DriftImage {
    var builder = ImageBuilder(seed: 4)
    setSample(&builder, height: 1, width: 1, channels: UInt32(inputs))
    let state = builder.persistent("x")
    builder.image.model.state_tensor = state
    let q = builder.add("q", DRIFT_OP_QUANTIZE, [state], to: builder.tensor("q", DRIFT_TYPE_INT8, 1, 1, inputs))
    let squeezed = builder.convolve("squeeze", q, to: builder.tensor("squeezed", DRIFT_TYPE_INT8, 1, 1, 1), kernel: 3, pad: 1)
    let weights = [Int8](repeating: 127, count: inputs * 9)
    builder.image.constants[0].bytes = WeightPacking.pack(weights, outputs: 1, inputs: inputs, taps: 9)
    builder.image.constants[3].bytes = WeightPacking.sums(weights, outputs: 1, inputs: inputs, taps: 9)
      .withUnsafeBytes { Array($0) }
    let answer = builder.convolve("spread", squeezed, to: builder.tensor("e", DRIFT_TYPE_FLOAT32, 1, 1, inputs))
    builder.image.model.output_tensor = answer
    builder.image.programs = [.init(name: "unet", operators: 0..<3, input: Int(state), output: Int(answer))]
    builder.image.steps = [step(timestep: 500, group: 0, row: 0)]
    builder.quantize(groups: 1)
    return planned(builder.image)
  }

  /// An attention over `size` x `size` tokens of one channel.
  public static func attention(size: Int) -> DriftImage {
    var builder = ImageBuilder(seed: 5)
    setSample(&builder, height: UInt32(size), width: UInt32(size), channels: 1)
    let state = builder.persistent("x")
    builder.image.model.state_tensor = state
    let exp = builder.expTable("exp")
    let symmetric = DRIFT_TENSOR_SYMMETRIC.rawValue
    let q = builder.add(
      "q", DRIFT_OP_QUANTIZE, [state], to: builder.tensor("q", DRIFT_TYPE_INT8, size, size, 1, flags: symmetric))
    let mixed = builder.add("attention", DRIFT_OP_ATTENTION, [q, q, q], to: builder.tensor("a", DRIFT_TYPE_INT8, size, size, 1)) {
      $0.constants.0 = exp
      $0.heads = 1
      $0.gain = 1
    }
    let answer = builder.convolve("out", mixed, to: builder.tensor("e", DRIFT_TYPE_FLOAT32, size, size, 1))
    builder.image.model.output_tensor = answer
    builder.image.programs = [.init(name: "unet", operators: 0..<3, input: Int(state), output: Int(answer))]
    builder.image.steps = [step(timestep: 500, group: 0, row: 0)]
    builder.quantize(groups: 1)
    return planned(builder.image)
  }

  /// A convolution of a square image between two others that make the shapes fit the sample.
  public static func strided(input: Int, kernel: Int, stride: Int, pad: Int, output: Int) -> DriftImage {
    var builder = ImageBuilder(seed: 6)
    setSample(&builder, height: UInt32(output), width: UInt32(output), channels: 1)
    let state = builder.persistent("x")
    builder.image.model.state_tensor = state
    let q = builder.add("q", DRIFT_OP_QUANTIZE, [state], to: builder.tensor("q", DRIFT_TYPE_INT8, output, output, 1))
    // A kernel just large enough to shrink the picture, or with padding in front to enlarge it.
    let difference = abs(input - output)
    let resized = builder.convolve(
      "resize", q, to: builder.tensor("resized", DRIFT_TYPE_INT8, input, input, 1), kernel: difference + 1,
      pad: input > output ? difference : 0)
    let answer = builder.convolve(
      "conv", resized, to: builder.tensor("e", DRIFT_TYPE_FLOAT32, output, output, 1), kernel: kernel, pad: pad
    ) { $0.stride = UInt32(stride) }
    builder.image.model.output_tensor = answer
    builder.image.programs = [.init(name: "unet", operators: 0..<3, input: Int(state), output: Int(answer))]
    builder.image.steps = [step(timestep: 500, group: 0, row: 0)]
    builder.quantize(groups: 1)
    return planned(builder.image)
  }

  static func setSample(_ builder: inout ImageBuilder, height: UInt32, width: UInt32, channels: UInt32) {
    builder.image.model.sample_height = height
    builder.image.model.sample_width = width
    builder.image.model.sample_channels = channels
    builder.image.model.training_steps = 1000
    (builder.image.model.data_low, builder.image.model.data_high) = (-1, 1)
    builder.image.model.max_threads = 4
  }

  static func step(timestep: Float, group: UInt32, row: UInt32) -> drift_step {
    var step = drift_step()
    step.timestep = timestep
    step.group = group
    step.flags = DRIFT_STEP_CLIP.rawValue
    (step.p, step.q) = (1.2, -0.6)
    (step.a, step.b, step.g) = (0, 0.9, 0.3)
    (step.clipped_a, step.clipped_b) = (0.4, 0.5)
    (step.clip_low, step.clip_high) = (-1, 1)
    step.guidance = 1
    step.write_slot = .absent
    step.step_row = row
    step.output_scale = 1
    return step
  }

  /// The arena of a test image is always laid out: its operators are right by construction.
  static func planned(_ image: DriftImage) -> DriftImage {
    var image = image
    do { try image.planMemory() } catch { fatalError("\(error)") }
    return image
  }
}

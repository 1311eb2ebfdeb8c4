import DriftEmission
import DriftFormat
import DriftSpiking

extension TestImages {
  /// A spiking network with every kind of convolution that keeps membranes, classes with guidance, two step groups, and perhaps a
  /// decoder, without state.
  public static func spiking(hasDecoder: Bool = true) -> DriftImage {
    var image = spikingNetwork(hasDecoder: hasDecoder)
    do { image = try image.spiking() } catch { fatalError("\(error)") }
    return image
  }

  /// The same with the state in the decoder instead, which must not have any.
  public static func spikingDecoder() -> DriftImage {
    var image = spikingNetwork()
    for index in image.programs.indices { image.programs[index].role = other(image.programs[index].role) }
    do { image = try image.spiking() } catch { fatalError("\(error)") }
    for index in image.programs.indices { image.programs[index].role = other(image.programs[index].role) }
    return planned(image)
  }

  /// The same with the decoder as a second denoiser, which must not be.
  public static func spikingExperts() -> DriftImage {
    var image = spiking()
    image.programs[1].role = DRIFT_PROGRAM_DENOISER
    return planned(image)
  }

  private static func other(_ role: drift_program_role) -> drift_program_role {
    role == DRIFT_PROGRAM_DENOISER ? DRIFT_PROGRAM_DECODER : DRIFT_PROGRAM_DENOISER
  }

  /// The same without neurons.
  public static func spikingNetwork(hasDecoder: Bool = true) -> DriftImage {
    var b = ImageBuilder(seed: 9)
    setSample(&b, height: 8, width: 8, channels: 1)
    b.image.model.class_count = 3
    b.image.model.null_class = 2
    let state = b.persistent("x")
    b.image.model.state_tensor = state
    b.image.model.guidance_tensor = b.persistent("e.null")
    let (int16, int8, float32) = (DRIFT_TYPE_INT16, DRIFT_TYPE_INT8, DRIFT_TYPE_FLOAT32)
    let silu = b.activationTable("silu")

    let fine = b.add("fine", DRIFT_OP_QUANTIZE, [state], to: b.tensor("fine", int8, 8, 8, 1))
    let stem = b.convolve("stem", fine, to: b.tensor("stem", int16, 8, 8, 6), kernel: 3, pad: 1) {
      ($0.step_column, $0.step_scale) = (0, 0.0005)
    }
    let norm = b.normalize(
      "norm", [stem], to: b.tensor("norm", int8, 8, 8, 6), groups: 2, activation: DRIFT_ACTIVATION_TABLE, table: silu)
    let down = b.convolve("down", norm, to: b.tensor("down", int8, 4, 4, 8), kernel: 3, pad: 1) { $0.stride = 2 }
    let large = b.convolve("large", down, to: b.tensor("large", int16, 8, 8, 16), kernel: 2, pad: 1, phases: 4)
    let wide = b.convolve("wide", down, residual: large, to: b.tensor("wide", int16, 8, 8, 16), kernel: 3, pad: 1) {
      $0.upsample = 1
    }
    let skip = b.convolve("skip", norm, residual: wide, to: b.tensor("skip", int16, 8, 8, 16))
    let last = b.add("last", DRIFT_OP_ACTIVATE, [skip], to: b.tensor("last", int8, 8, 8, 16)) {
      $0.activation = DRIFT_ACTIVATION_RELU.rawValue
    }
    let answer = b.convolve("out", last, to: b.tensor("e", float32, 8, 8, 1), kernel: 3, pad: 1)
    b.image.model.output_tensor = answer
    let count = b.image.operators.count
    b.image.programs = [.init(name: "unet", operators: 0..<count, input: Int(state), output: Int(answer))]
    if hasDecoder { addPlainDecoder(&b, state) }
    b.image.model.step_columns = 6
    b.image.stepTable = (0..<4 * 18).map { (index: Int) -> Int16 in Int16(index * 37 % 2001 - 1000) }
    b.image.steps = (0..<4).map { (index: Int) -> drift_step in
      step(timestep: Float(900 - 100 * index), group: index < 2 ? 0 : 1, row: UInt32(index * 3))
    }
    b.quantize(groups: 2)
    // Behind this one the second group starts anew.
    b.image.quantization[1][Int(norm)].zero_point = -9
    return planned(b.image)
  }

  private static func addPlainDecoder(_ b: inout ImageBuilder, _ state: Int32) {
    let count = b.image.operators.count
    let plain = b.add("plain", DRIFT_OP_QUANTIZE, [state], to: b.tensor("plain", DRIFT_TYPE_INT8, 8, 8, 1))
    let picture = b.convolve("picture", plain, to: b.tensor("picture", DRIFT_TYPE_FLOAT32, 8, 8, 1))
    b.image.programs.append(
      .init(
        name: "decoder", operators: count..<count + 2, input: Int(state), output: Int(picture), role: DRIFT_PROGRAM_DECODER))
  }
}

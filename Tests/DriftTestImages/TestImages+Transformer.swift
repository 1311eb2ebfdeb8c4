import DriftEmission
import DriftFormat

extension TestImages {
  /// What transformers and latent models need: normalization of pixels, gates, attention to other tokens, products, stored tensors,
  /// gathers, a codebook, and a decoder that makes a picture of 3 x 8 x 8 of a sample of 2 x 4 x 4. Three classes, guidance, noise.
  public static func transformer() -> DriftImage {
    var b = ImageBuilder(seed: 9)
    setSample(&b, height: 4, width: 4, channels: 2)
    b.image.model.class_count = 3
    b.image.model.null_class = 2
    let state = b.persistent("x")
    b.image.model.state_tensor = state
    b.image.model.guidance_tensor = b.persistent("e.null")
    b.image.model.noise_tensor = b.persistent("noise")

    let answer = addTransformer(&b, state)
    let count = b.image.operators.count
    b.image.model.output_tensor = answer
    let picture = addDecoder(&b, state)
    b.image.programs = [
      .init(name: "transformer", operators: 0..<count, input: Int(state), output: Int(answer)),
      .init(
        name: "decoder", operators: count..<b.image.operators.count, input: Int(state), output: Int(picture),
        role: DRIFT_PROGRAM_DECODER),
    ]
    b.image.model.step_columns = 28
    b.image.stepTable = (0..<9 * 28).map { (index: Int) -> Int16 in Int16(index * 37 % 2001 - 1000) }
    b.image.steps = (0..<3).map { (index: Int) -> drift_step in
      var step = step(timestep: Float(750 - 250 * index), group: index < 2 ? 0 : 1, row: UInt32(index * 3))
      step.d = index < 2 ? 0.05 : 0
      return step
    }
    b.quantize(groups: 2)
    b.image.metadata = [("checkpoint", "test"), ("sampler", "ddim")]
    return planned(b.image)
  }

  private static func addTransformer(_ b: inout ImageBuilder, _ state: Int32) -> Int32 {
    let (int16, int8, pair) = (DRIFT_TYPE_INT16, DRIFT_TYPE_INT8, DRIFT_TYPE_INT8_PAIR)
    let symmetric = DRIFT_TENSOR_SYMMETRIC.rawValue
    let fine = b.add("fine", DRIFT_OP_QUANTIZE, [state], to: b.tensor("fine", pair, 4, 4, 2))
    let stem = b.convolve("stem", fine, to: b.tensor("stem", int16, 4, 4, 6), kernel: 3, pad: 1)
    let places = b.load("places", to: b.tensor("places", int16, 4, 4, 6), rows: 1, DRIFT_LOAD_FIXED)
    let tokens = b.add("tokens", DRIFT_OP_ADD, [stem, places], to: b.tensor("tokens", int16, 4, 4, 6)) {
      ($0.gain, $0.gain_a) = (1, 1)
    }
    let layer = b.normalize(
      "layer", [tokens], to: b.tensor("layer", int8, 4, 4, 6), groups: 1, activation: DRIFT_ACTIVATION_NONE
    ) { ($0.mode, $0.step_column, $0.step_scale) = (DRIFT_NORMALIZATION_PIXEL.rawValue, 0, 0.0003) }
    let q = b.convolve("q", layer, to: b.tensor("q", int8, 4, 4, 8, flags: symmetric))
    let k = b.load("k", to: b.tensor("k", int8, 1, 5, 8, flags: symmetric), rows: 3, DRIFT_LOAD_CLASS)
    let v = b.load("v", to: b.tensor("v", int8, 1, 5, 10, flags: symmetric), rows: 9, DRIFT_LOAD_STEP)
    let exp = b.expTable("exp")
    let cross = b.add("cross", DRIFT_OP_ATTENTION, [q, k, v], to: b.tensor("cross", int8, 4, 4, 10)) {
      $0.constants.0 = exp
      $0.heads = 2
      $0.gain = 0.5
    }
    let attended = b.convolve("attended", cross, residual: tokens, to: b.tensor("attended", int16, 4, 4, 6)) {
      ($0.gate_column, $0.gate_scale) = (12, 0.002)
    }
    let rms = b.normalize(
      "rms", [attended], to: b.tensor("rms", int8, 4, 4, 6), groups: 1, activation: DRIFT_ACTIVATION_RELU
    ) { $0.mode = DRIFT_NORMALIZATION_RMS.rawValue }
    let value = b.convolve("value", rms, to: b.tensor("value", int16, 4, 4, 10))
    let gate = b.convolve("gate", rms, to: b.tensor("gate", int16, 4, 4, 10))
    let bump = b.floats("bump", [8, 0.92, -0.06, -0.0125, 0.0025, -0.00013, 0, 0], DRIFT_CONSTANT_BUMP)
    let product = b.add("product", DRIFT_OP_MULTIPLY, [value, gate], to: b.tensor("product", int8, 4, 4, 10)) {
      $0.activation = DRIFT_ACTIVATION_BUMP.rawValue
      $0.constants.2 = bump
    }
    let spread = b.convolveDepthwise("spread", product, to: b.tensor("spread", int8, 4, 4, 10), kernel: 3, pad: 1) {
      ($0.gate_column, $0.gate_scale) = (18, 0.002)
    }
    let mixed = b.convolve("mixed", spread, residual: attended, to: b.tensor("mixed", int16, 4, 4, 6))
    let extra = b.load("extra", to: b.tensor("extra", int8, 2, 3, 5), rows: 1, DRIFT_LOAD_FIXED)
    let learned = b.convolve("learned", extra, to: b.tensor("learned", int16, 2, 3, 7))
    // Pixels of 8 values each: the first input has 16, the second 6.
    let places2: [Int32] = [120, 112, 104, -1, 0, 8, 16, 129, 137, 144, -1, 56, 24, 8, 8, 168]
    let joined = b.gather("joined", [mixed, learned], to: b.tensor("joined", int16, 4, 4, 6), places2)
    let plain = b.normalize(
      "plain", [joined], to: b.tensor("plain", pair, 4, 4, 6), groups: 2, activation: DRIFT_ACTIVATION_NONE, eachValue: true)
    return b.convolve("out", plain, to: b.tensor("e", DRIFT_TYPE_FLOAT32, 4, 4, 2), kernel: 3, pad: 1)
  }

  private static func addDecoder(_ b: inout ImageBuilder, _ state: Int32) -> Int32 {
    let (int16, pair) = (DRIFT_TYPE_INT16, DRIFT_TYPE_INT8_PAIR)
    let latent = b.add("latent", DRIFT_OP_QUANTIZE, [state], to: b.tensor("latent", pair, 4, 4, 2))
    let wide = b.convolve("wide", latent, to: b.tensor("wide", int16, 4, 4, 12))
    let codes = b.codebook("codes", wide, to: b.tensor("codes", int16, 4, 4, 12), codes: 9)
    // Pixel (2y + i, 2x + j) takes channels 3(2i + j) ... of pixel (y, x).
    let shuffle = (0..<64).map { (pixel: Int) -> Int32 in
      let (y, x) = (pixel / 8, pixel % 8)
      return Int32((y / 2 * 4 + x / 2) * 12 + (y % 2 * 2 + x % 2) * 3)
    }
    let large = b.gather("large", [codes], to: b.tensor("large", int16, 8, 8, 3), shuffle)
    let tint = b.load("tint", to: b.tensor("tint", int16, 8, 8, 3), rows: 3, DRIFT_LOAD_CLASS)
    let tinted = b.add("tinted", DRIFT_OP_MULTIPLY, [large, tint], to: b.tensor("tinted", pair, 8, 8, 3))
    return b.convolve("picture", tinted, to: b.tensor("picture", DRIFT_TYPE_FLOAT32, 8, 8, 3), kernel: 3, pad: 1)
  }
}

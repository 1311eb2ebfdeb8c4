import CDriftFormat
import DriftCalibration
import DriftEmission
import DriftGraph

extension ImageBuilder {
  /// Names that `drift_model.sampler` indexes (docs/format.md).
  static let samplerNames = [
    "ddim", "ddpm", "euler", "heun", "pndm", "dpmpp-2m", "unipc", "lcm", "flow", "euler-ancestral", "dpmpp-2m-sde", "dpm",
  ]

  /// Adds the sampler's rows, its tensors, and what a session must know.
  /// - Parameter outputScales: factor of the denoiser's answer at each step.
  mutating func addSampler(checkpoint: Checkpoint, plan: SamplerPlan, outputScales: [Float], options: ConversionOptions) {
    let classes = program.graph.classCount
    let groupOfStep = scales.grouping.groupOfStep
    image.steps = plan.steps.enumerated().map { index, step in
      var record = drift_step()
      record.timestep = step.timestep
      record.group = UInt32(groupOfStep[index])
      record.flags = step.clip == nil ? 0 : DRIFT_STEP_CLIP.rawValue
      (record.p, record.q) = (step.p, step.q)
      (record.a, record.b, record.g) = (step.a, step.b, step.g)
      (record.clipped_a, record.clipped_b) = (step.clippedA, step.clippedB)
      record.d = step.d
      if let clip = step.clip { (record.clip_low, record.clip_high) = (-clip, clip) }
      record.guidance = 1
      record.output_scale = outputScales[index]
      func factor(_ slot: Int) -> Float { slot < step.history.count ? step.history[slot] : 0 }
      record.c = (factor(0), factor(1), factor(2), factor(3))
      record.write_slot = step.keeps.map { Int32($0.slot) } ?? Self.none
      record.write_source = step.keeps?.source.rawValue ?? 0
      // Stored tensors go by it too, where there is no table.
      record.step_row = UInt32(index * program.spikeSteps * max(classes, 1))
      return record
    }
    let sample = program.tensors[program.input].shape
    var model = drift_model()
    model.sample_channels = UInt32(sample.channels)
    model.sample_height = UInt32(sample.height)
    model.sample_width = UInt32(sample.width)
    model.class_count = UInt32(classes)
    model.null_class = checkpoint.nullClass.map(Int32.init) ?? Self.none
    model.step_columns = UInt32(stepTable.columns)
    model.prediction = predictionCode(plan.prediction).rawValue
    model.flags = options.clippedEpsilon ? DRIFT_MODEL_ALWAYS_CLIPPED_EPSILON.rawValue : 0
    model.training_steps = UInt32(plan.trainingSteps)
    model.sampler = UInt32(Self.samplerNames.firstIndex(of: plan.name) ?? 0)
    model.data_low = checkpoint.dataRange.lowerBound
    model.data_high = checkpoint.dataRange.upperBound
    model.initial_scale = plan.initialScale
    model.default_guidance = 1
    model.max_threads = 64
    model.spike_steps = UInt16(program.isSpiking ? program.spikeSteps : 0)
    model.state_tensor = Int32(program.input)
    model.output_tensor = Int32(program.output)
    model.guidance_tensor = checkpoint.nullClass == nil ? Self.none : persistent("guidance", sample)
    model.noise_tensor = plan.steps.contains { $0.d != 0 } ? persistent("noise", sample) : Self.none
    let count = plan.historyCount
    func slot(_ index: Int) -> Int32 { index < count ? persistent("history.\(index)", sample) : Self.none }
    model.history_count = UInt32(count)
    model.history_tensors = (slot(0), slot(1), slot(2), slot(3))
    model.class_tensor = Self.none
    image.model = model
    image.metadata += [
      ("checkpoint", checkpoint.description), ("sampler", plan.name), ("steps", "\(plan.steps.count)"), ("eta", "\(options.eta)"),
      ("calibration.weighting", options.weighting.rawValue), ("calibration.samples", "\(options.calibrationSamples)"),
      ("calibration.seed", "\(options.seed)"),
    ]
    if options.levels != OperandLevels.most { image.metadata.append(("levels", "\(options.levels)")) }
  }

  /// A float tensor of the sample's shape that lives as long as the session.
  private mutating func persistent(_ name: String, _ shape: Shape) -> Int32 {
    image.tensors.append(
      .init(
        name: name, type: DRIFT_TYPE_FLOAT32, flags: DRIFT_TENSOR_PERSISTENT.rawValue, height: shape.height, width: shape.width,
        channels: shape.channels))
    for group in image.quantization.indices { image.quantization[group].append(drift_quantization(scale: 1, zero_point: 0)) }
    return Int32(image.tensors.count - 1)
  }

  private func predictionCode(_ prediction: Prediction) -> drift_prediction {
    switch prediction {
    case .epsilon: DRIFT_PREDICTION_EPSILON
    case .sample: DRIFT_PREDICTION_SAMPLE
    case .v: DRIFT_PREDICTION_V
    case .flow: DRIFT_PREDICTION_FLOW
    }
  }
}

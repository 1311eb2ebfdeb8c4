import CDriftFormat
import CDriftPlatform
import DriftFormat

extension Session {
  /// Runs a step's program on the state, for a class of the step table; its scaled answer. Without a null class both branches are one:
  /// there is one copy of what they keep.
  /// - Throws: `cancelled`.
  mutating func run(
    _ index: Int, classLabel: Int32, branch: Branch = .conditional
  ) throws(DriftError) -> UnsafeMutableBufferPointer<Float> {
    let step = file.steps[index]
    let branch = file.model.null_class.isPresent ? branch : .conditional
    let program = program(of: step, for: branch)
    defer { note(program, for: branch) }
    let answer = buffer(program.output_tensor)
    guard run(program, at: step, classLabel: classLabel, branch: branch) else {
      throw DriftError(.cancelled, expected: UInt64(truncatingIfNeeded: stepCount), found: UInt64(truncatingIfNeeded: index))
    }
    if step.output_scale != 1 {
      for i in 0..<answer.count { answer[i] = answer[i] * step.output_scale }
    }
    return answer
  }

  /// Runs the decoder, if there is one, on the state after the last step: the picture's values.
  mutating func decode() -> UnsafeMutableBufferPointer<Float> {
    guard file.model.decoder_program.isPresent else { return stateBuffer }
    let program = file.programs[Int(truncatingIfNeeded: file.model.decoder_program)]
    _ = run(program, at: file.steps[stepCount &- 1], classLabel: request.classLabel, branch: .conditional)
    return buffer(program.output_tensor, count: pictureCount)
  }

  /// - Returns: false if the caller has cancelled, which only a denoiser's runs can be.
  @inline(never)
  private mutating func run(_ program: drift_program, at step: drift_step, classLabel: Int32, branch: Branch) -> Bool {
    let first = Int(truncatingIfNeeded: program.first_operator)
    let operators = first..<first &+ Int(truncatingIfNeeded: program.operator_count)
    let isDenoiser = program.role == DRIFT_PROGRAM_DENOISER.rawValue
    for spikeStep in 0..<(isDenoiser ? max(Int(truncatingIfNeeded: file.model.spike_steps), 1) : 1) {
      if spikeStep > 0 && isToStop { return false }
      guard let executor = executor(step, spikeStep, classLabel: classLabel, branch: branch) else { return true }
      let run = ProgramRun(executor: executor, operators: operators, profile: profile)
      if file.isSpiking && isDenoiser {
        guard runToRest(run, step, branch) else { return false }
      } else {
        runOnTeam(run)
      }
    }
    return true
  }

  private func executor(_ step: drift_step, _ spikeStep: Int, classLabel: Int32, branch: Branch) -> Executor? {
    guard let quantization = file.quantization.baseAddress else { return nil }
    let classRow = Int(truncatingIfNeeded: max(classLabel, 0))
    let row =
      Int(truncatingIfNeeded: step.step_row) &+ spikeStep &* max(Int(truncatingIfNeeded: file.model.class_count), 1) &+ classRow
    let columns = Int(truncatingIfNeeded: file.model.step_columns)
    return Executor(
      file: file, arena: arena, kernels: kernels.functions,
      quantization: quantization + Int(truncatingIfNeeded: step.group) &* file.tensors.count,
      stepRow: columns == 0 ? nil : file.stepTable.baseAddress.map { $0 + row &* columns }, row: row, classRow: classRow,
      team: .alone, keptOffset: keptOffset(for: branch), spikeStep: spikeStep, spiking: SpikingRun(spiking, activity))
  }

  /// The step's noise, or nil if the file keeps no tensor for it.
  func freshNoise(step: Int) -> UnsafePointer<Float>? {
    guard file.model.noise_tensor.isPresent, let noise = buffer(file.model.noise_tensor).baseAddress else {
      return nil
    }
    Noise.fillNormal(
      noise, channels: channels, pixels: pixels, seed: request.seed, stream: UInt32(truncatingIfNeeded: step &+ 1),
      sample: request.sampleIndex)
    return UnsafePointer(noise)
  }

  /// The history slots that the file has.
  var history: SamplerRow.History {
    let slots = file.model.history_tensors
    return (
      buffer(slots.0).baseAddress, buffer(slots.1).baseAddress, buffer(slots.2).baseAddress, buffer(slots.3).baseAddress
    )
  }
}

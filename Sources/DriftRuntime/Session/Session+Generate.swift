import CDriftFormat
import CDriftKernels
import DriftFormat

extension Session {
  /// Values of a sample: of the starting noise, and of the state from step to step.
  public var sampleCount: Int { channels &* pixels }

  /// Values of what ``generate(_:into:progress:)`` delivers: the sample, or what the model's decoder makes of it.
  public var pictureCount: Int { pictureChannels &* picturePixels }

  /// Steps of the sampler.
  public var stepCount: Int { file.steps.count }

  /// Generates one picture.
  /// - Parameters:
  ///   - request: What to generate.
  ///   - output: ``pictureCount`` values, NCHW, in the model's data range.
  ///   - progress: Called after each step with the number of steps done and of all steps; false cancels.
  /// - Throws: `outputTooSmall`, `badClass`, `badGuidance`, `badNoise`, or `cancelled`, also because of ``isCancelled``; then `output` is as
  ///   it was.
  public mutating func generate(
    _ request: Request, into output: UnsafeMutableBufferPointer<Float>,
    progress: (_ done: Int, _ of: Int) -> Bool = { _, _ in true }
  ) throws(DriftError) {
    try check(output, holds: pictureCount)
    try start(request)
    let startsTeam = startTeam()
    defer { if startsTeam { stopTeam() } }
    for index in 0..<stepCount {
      try step(index)
      guard progress(index &+ 1, stepCount) else {
        throw DriftError(
          .cancelled, expected: UInt64(truncatingIfNeeded: stepCount), found: UInt64(truncatingIfNeeded: index &+ 1))
      }
    }
    try copyPicture(into: output)
  }

  /// Checks a request and fills the state with its starting noise. ``step(_:)`` for 0, 1, ... follows.
  /// - Throws: `badClass`, `badGuidance`, `badNoise` (a value of the request's noise is not finite); then the session is as it was.
  public mutating func start(_ request: Request) throws(DriftError) {
    var checked = request
    checked.classLabel = try resolvedClass(request.classLabel)
    try checkGuidance(request.guidance)
    try checkNoise(request.noise)
    self.request = checked
    kept = 0
    hasLastAnswers = false
    let state = stateBuffer
    guard let values = state.baseAddress else { return }
    if let noise = request.noise {
      interleave(noise, into: values)
    } else {
      Noise.fillNormal(
        values, channels: channels, pixels: pixels, seed: request.seed, stream: Noise.startingStream, sample: request.sampleIndex)
    }
    let scale = file.model.initial_scale
    for i in 0..<state.count { values[i] = scale * values[i] }
  }

  /// Takes the state through one step of the sampler, with the request of ``start(_:)``. A step that builds on what an earlier one has
  /// kept runs the first program where there has been none since.
  /// - Throws: `badStep`, or `cancelled` because of ``isCancelled``: then only ``start(_:)`` may follow.
  public mutating func step(_ index: Int) throws(DriftError) {
    try check(step: index)
    lastSpiking = (0, 0)
    let startsTeam = startTeam()
    defer { if startsTeam { stopTeam() } }
    let step = file.steps[index]
    let row = SamplerRow(step)
    let guidance = guidance(of: step)
    let weight = guidance.weight(request.guidance)
    if guidance.evaluations(request.guidance) == 2 {
      let unconditional = buffer(file.model.guidance_tensor)
      let answer = try run(index, classLabel: file.model.null_class, branch: .unconditional)
      for i in 0..<unconditional.count { unconditional[i] = answer[i] }
    }
    let answer = try run(index, classLabel: request.classLabel)
    guard let e = answer.baseAddress else { return }
    if weight != 1 {
      guide(answer, guidance, weight: weight)
      hasLastAnswers = true
    }
    let noise = row.addsNoise ? freshNoise(step: index) : nil
    let alwaysReDerives = file.model.flags & UInt32(truncatingIfNeeded: DRIFT_MODEL_ALWAYS_CLIPPED_EPSILON.rawValue) != 0
    row.apply(
      x: stateBuffer, e: e, noise: noise, history: history,
      clippedEpsilon: alwaysReDerives || (request.guidance != 1 && row.clips))
  }

  /// Copies the picture out after the last step: the state, or what the decoder makes of it. NCHW.
  /// - Parameter output: ``pictureCount`` values.
  /// - Throws: `outputTooSmall`.
  public mutating func copyPicture(into output: UnsafeMutableBufferPointer<Float>) throws(DriftError) {
    try check(output, holds: pictureCount)
    let startsTeam = startTeam()
    defer { if startsTeam { stopTeam() } }
    guard let values = decode().baseAddress, let target = output.baseAddress else { return }
    deinterleave(values, channels: pictureChannels, pixels: picturePixels, into: target)
  }

  /// Copies the state out: the sample in the making, or after the last step the sample. NCHW.
  /// - Throws: `outputTooSmall`.
  public func copyState(into output: UnsafeMutableBufferPointer<Float>) throws(DriftError) {
    try check(output, holds: sampleCount)
    guard let values = stateBuffer.baseAddress, let target = output.baseAddress else { return }
    deinterleave(values, into: target)
  }

  /// Replaces the state, so that the next step starts from a given sample. NCHW.
  /// - Throws: `badNoise` if there are fewer than ``sampleCount`` values.
  public mutating func setState(_ x: UnsafeBufferPointer<Float>) throws(DriftError) {
    guard x.count >= sampleCount, let source = x.baseAddress else {
      throw DriftError(
        .badNoise, expected: UInt64(truncatingIfNeeded: sampleCount), found: UInt64(truncatingIfNeeded: x.count))
    }
    guard let values = stateBuffer.baseAddress else { return }
    interleave(source, into: values)
  }

  /// One evaluation of the denoiser, without the sampler: what the step's program answers, times the step's output scale. The
  /// state is overwritten.
  ///
  /// A program that reads tensors kept by earlier steps has none here: the first program, which needs none, runs in its place. To evaluate
  /// the steps one after the other as a sample does, name the branch: then an evaluation finds what earlier ones of the same branch have
  /// kept since ``start(_:)``.
  /// - Parameters:
  ///   - x: ``sampleCount`` values, NCHW.
  ///   - step: Index of the step.
  ///   - classLabel: The class, or -1 for none.
  ///   - branch: Whose kept tensors to use; nil: none.
  ///   - output: The model's prediction, as many values, NCHW.
  /// - Throws: `badStep`, `badClass`, `badNoise` (x too short), `outputTooSmall`, or `cancelled` because of ``isCancelled``.
  public mutating func evaluate(
    _ x: UnsafeBufferPointer<Float>, step: Int, classLabel: Int32 = -1, branch: Branch? = nil,
    into output: UnsafeMutableBufferPointer<Float>
  ) throws(DriftError) {
    try check(step: step)
    try check(output, holds: sampleCount)
    let label = try resolvedClass(classLabel)
    try setState(x)
    let startsTeam = startTeam()
    defer { if startsTeam { stopTeam() } }
    if branch == nil { kept = 0 }
    defer { if branch == nil { kept = 0 } }
    lastSpiking = (0, 0)
    let answer = try run(step, classLabel: label, branch: branch ?? .conditional)
    guard let values = answer.baseAddress, let target = output.baseAddress else { return }
    deinterleave(values, into: target)
  }
}

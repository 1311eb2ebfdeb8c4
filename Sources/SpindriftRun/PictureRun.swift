import CDriftPlatform
import DriftFormat
import DriftTool
import Spindrift

/// One run of the program: opens the model, generates, writes.
struct PictureRun: ~Copyable {
  private let options: RunOptions
  private let model: Model
  private let count: Int
  private let noise: NoiseFile
  private let arena: MappedMemory
  /// A picture, and its sample's noise behind it.
  private let sample: MappedMemory
  private var session: Session

  /// Opens everything that the options name.
  /// - Throws: `failed`, after saying what is missing or wrong.
  init(_ options: RunOptions) throws(ExitStatus) {
    let model = try PictureRun.open(options.model)
    try options.check(against: model.file)
    let noise = try NoiseFile(options.noise, for: model.file.model)
    if let count = options.count, let available = noise.count, count > available {
      throw PictureRun.failure(count: count, noise: available)
    }
    guard let kernels = options.kernel.map({ KernelSet(named: $0) }) ?? KernelSet.fromEnvironment() else {
      throw PictureRun.kernelFailure(options.kernel)
    }
    let arena = try MappedMemory(model.arenaBytes(threads: options.threads), for: "the arena")
    let sample = try MappedMemory(UInt64(model.pictureCount + model.sampleCount) * 4, for: "a sample")
    session = try PictureRun.session(on: model, in: arena.bytes, options, kernels)
    session.spiking = options.spiking.options(for: kernels)
    session.isCancelled = drift_signal_flag_raised
    count = options.count ?? noise.count ?? 1
    self.options = options
    self.model = model
    self.noise = noise
    self.arena = arena
    self.sample = sample
  }

  /// Generates and writes what was asked for.
  mutating func run() throws(ExitStatus) {
    var picture = try PictureFile(options.output, model, count: count)
    var array = try ArrayFile(options.raw, model, count: count)
    var progress = ProgressLine(total: count * model.stepCount)
    for index in 0..<count {
      do throws(DriftError) {
        try generate(index, &progress)
      } catch {
        progress.finish()
        throw PictureRun.failure(options.model, error)
      }
      let values = UnsafeBufferPointer(rebasing: sample.floats[..<model.pictureCount])
      picture.take(values, at: index)
      try array.take(values)
    }
    progress.finish()
    if session.spiking.events == .ternary { noteRest() }
    try picture.finish()
    try array.finish()
  }

  private mutating func generate(_ index: Int, _ progress: inout ProgressLine) throws(DriftError) {
    let values = model.pictureCount
    let output = UnsafeMutableBufferPointer(rebasing: sample.floats[..<values])
    let start = UnsafeMutableBufferPointer(rebasing: sample.floats[values...])
    if noise.count != nil { noise.copy(index, into: start) }
    let request = Request(
      seed: options.seed, sampleIndex: UInt32(truncatingIfNeeded: index), classLabel: options.classLabel,
      guidance: options.guidance, noise: noise.count == nil ? nil : UnsafePointer(start.baseAddress))
    let stepsBefore = index * model.stepCount
    try session.generate(request, into: output) { done, _ in
      progress.update(stepsBefore + done)
      return drift_signal_flag_raised() == 0
    }
  }

  /// Says how far from rest neurons were when time steps ended.
  private func noteRest() {
    StandardError.write("the last step took ")
    StandardError.write(session.lastSpiking.timeSteps)
    StandardError.write(" spike time steps; its neurons were ")
    StandardError.write(session.lastSpiking.distance)
    StandardError.write(" levels from rest\n")
  }

  private static func open(_ path: UnsafePointer<CChar>) throws(ExitStatus) -> Model {
    do throws(DriftError) {
      return try Model(mapping: path)
    } catch {
      throw failure(path, error)
    }
  }

  private static func session(
    on model: borrowing Model, in arena: UnsafeMutableRawBufferPointer, _ options: RunOptions, _ kernels: KernelSet
  ) throws(ExitStatus) -> Session {
    do throws(DriftError) {
      return try model.session(arena: arena, threads: options.threads, kernels: kernels)
    } catch {
      throw failure(options.model, error)
    }
  }
}

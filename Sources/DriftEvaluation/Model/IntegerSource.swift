import CDriftPlatform
import DriftFormat
import DriftRuntime

/// A `.drift` file with memory to run in. One thread at a time.
public final class IntegerSource: PictureSource {
  /// The file.
  public let model: ModelFile
  private let arena: UnsafeMutableRawBufferPointer
  private var session: Session

  /// Opens a session.
  /// - Parameters:
  ///   - threads: 1 to the model's limit.
  ///   - kernels: the best that the CPU has by default.
  ///   - spiking: how a spiking program runs; nil: as is fastest.
  public init(
    _ model: ModelFile, threads: Int = 1, kernels: KernelSet = .best, spiking: SpikingOptions? = nil
  ) throws(ModelFileError) {
    let record = model.file.model
    guard threads >= 1, threads <= Int(record.max_threads) else {
      throw ModelFileError(model.path, "runs on 1 to \(record.max_threads) threads, \(threads) were asked for")
    }
    let size = Int(Session.arenaBytes(for: record, threads: threads))
    guard let memory = drift_map_memory(UInt64(size)) else {
      throw ModelFileError(model.path, "needs \(size) bytes of memory, which there are not")
    }
    let arena = UnsafeMutableRawBufferPointer(start: memory, count: size)
    do {
      session = try Session(file: model.file, arena: arena, threads: threads, kernels: kernels)
    } catch {
      drift_unmap_memory(memory, UInt64(size))
      throw ModelFileError(model.path, error)
    }
    if let spiking { session.spiking = spiking }
    self.model = model
    self.arena = arena
  }

  deinit { drift_unmap_memory(arena.baseAddress, UInt64(arena.count)) }

  /// How a spiking program runs.
  public var spiking: SpikingOptions {
    get { session.spiking }
    set { session.spiking = newValue }
  }

  /// Time steps of the last evaluation of a spiking program, and the levels that its neurons still had to send.
  public var lastSpiking: (timeSteps: Int, distance: UInt64) { session.lastSpiking }

  /// The kernels in use.
  public var kernels: KernelSet { session.kernels }

  /// Channels of a picture.
  public var channels: Int { Int(model.file.model.picture_channels) }
  /// Rows of a picture.
  public var height: Int { Int(model.file.model.picture_height) }
  /// Columns of a picture.
  public var width: Int { Int(model.file.model.picture_width) }
  /// Channels, height and width of a sample, and of starting noise.
  public var sampleShape: [Int] {
    let record = model.file.model
    return [Int(record.sample_channels), Int(record.sample_height), Int(record.sample_width)]
  }
  /// What maps to black and to white.
  public var dataRange: ClosedRange<Float> { model.file.model.data_low...model.file.model.data_high }
  /// Steps of the sampler.
  public var stepCount: Int { model.file.steps.count }
  /// Labels that the model takes, the null class among them.
  public var classCount: Int { Int(model.file.model.class_count) }
  /// The label that means "no class".
  public var nullClass: Int? { model.file.model.null_class >= 0 ? Int(model.file.model.null_class) : nil }

  /// Makes one picture.
  public func generate(_ request: PictureRequest, progress: (_ done: Int) -> Void) throws -> [Float] {
    var done = 0
    return try walk(request) {
      done += 1
      progress(done)
      return true
    }
  }

  /// Walks the steps until `continues` says no after one of them; returns the state then.
  @discardableResult
  func walk(_ request: PictureRequest, continues: () -> Bool) throws(ModelFileError) -> [Float] {
    var picture = [Float](repeating: 0, count: valueCount)
    var failure: DriftError?
    var record = Request(
      seed: request.seed, sampleIndex: request.sampleIndex, classLabel: Int32(request.classLabel ?? -1), guidance: request.guidance)
    func run(_ noise: UnsafePointer<Float>?) {
      record.noise = noise
      picture.withUnsafeMutableBufferPointer { out in
        do throws(DriftError) {
          try session.generate(record, into: out) { _, _ in continues() }
        } catch { failure = error }
      }
    }
    if let noise = request.noise { noise.withUnsafeBufferPointer { run($0.baseAddress) } } else { run(nil) }
    if let failure, failure.code != .cancelled { throw ModelFileError(model.path, failure) }
    return picture
  }

  /// Walks the steps one by one, so that the session can be asked for more than its state after each.
  func walkSteps(_ request: PictureRequest, afterStep: (Int) -> Void) throws(ModelFileError) {
    var record = Request(
      seed: request.seed, sampleIndex: request.sampleIndex, classLabel: Int32(request.classLabel ?? -1), guidance: request.guidance)
    do throws(DriftError) {
      if let noise = request.noise {
        var failure: DriftError?
        noise.withUnsafeBufferPointer { noise in
          record.noise = noise.baseAddress
          do throws(DriftError) { try session.start(record) } catch { failure = error }
        }
        if let failure { throw failure }
      } else {
        try session.start(record)
      }
      for index in 0..<stepCount {
        try session.step(index)
        afterStep(index)
      }
    } catch { throw ModelFileError(model.path, error) }
  }

  /// Adds the time of each operator to a profile from now on; nil: no more.
  func setProfile(_ profile: Session.Profile?) { session.profile = profile }

  /// Adds what a spiking program's operators do to their counts from now on; nil: no more.
  func setActivity(_ activity: UnsafeMutableBufferPointer<OperatorActivity>?) { session.activity = activity }

  /// Forgets what evaluations have kept for later ones.
  func start(_ request: PictureRequest) throws(ModelFileError) {
    do throws(DriftError) {
      try session.start(Request(seed: request.seed, classLabel: Int32(request.classLabel ?? -1)))
    } catch { throw ModelFileError(model.path, error) }
  }

  /// One evaluation of the denoiser at a step of the sampler.
  /// - Parameter branch: whose kept tensors of earlier steps it uses; nil: none, and the first program runs.
  public func evaluate(_ x: [Float], step: Int, classLabel: Int?, branch: Branch? = nil) throws(ModelFileError) -> [Float] {
    var output = [Float](repeating: 0, count: model.sampleCount)
    var failure: DriftError?
    x.withUnsafeBufferPointer { x in
      output.withUnsafeMutableBufferPointer { out in
        do throws(DriftError) {
          try session.evaluate(x, step: step, classLabel: Int32(classLabel ?? -1), branch: branch, into: out)
        } catch { failure = error }
      }
    }
    if let failure { throw ModelFileError(model.path, failure) }
    return output
  }

  /// One evaluation at the step that visits a timestep.
  public func evaluate(_ x: [Float], timestep: Float, classLabel: Int?) throws -> [Float] {
    guard let step = model.file.steps.firstIndex(where: { $0.timestep == timestep }) else {
      let nearest = model.file.steps.map(\.timestep).sorted { abs($0 - timestep) < abs($1 - timestep) }.prefix(3).sorted()
      let names = nearest.map(Self.name).joined(separator: ", ")
      throw ModelFileError(
        model.path, "has no step at timestep \(Self.name(timestep)); the nearest of its \(stepCount) steps are \(names)")
    }
    return try evaluate(x, step: step, classLabel: classLabel)
  }

  private static func name(_ timestep: Float) -> String {
    timestep == timestep.rounded() && abs(timestep) < 1e9 ? String(Int(timestep)) : String(timestep)
  }
}

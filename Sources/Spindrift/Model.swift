import CDriftPlatform
@_exported import DriftFormat
@_exported import DriftRuntime

/// A `.drift` model, opened: what an application that embeds Spindrift works with.
///
/// It owns the mapping of its file and nothing else; memory to work in is the caller's. It is only ever read, so threads may share it.
public struct Model: ~Copyable, Sendable {
  let storage: ModelStorage

  /// Uses a model that lies in memory, after verifying all of it.
  /// - Parameter bytes: The file; 64-byte aligned and unchanged for as long as the model lives.
  /// - Throws: The rule that the file breaks, and where.
  public init(verifying bytes: UnsafeRawBufferPointer) throws(DriftError) {
    storage = try ModelStorage(verifying: bytes)
  }

  /// Maps a file and verifies all of it.
  /// - Parameter path: Zero-terminated.
  /// - Throws: `mapFailed` (`found` is the errno value), `notRegularFile`, or the rule that the file breaks, and where.
  public init(mapping path: UnsafePointer<CChar>) throws(DriftError) {
    storage = try ModelStorage(mapping: path)
  }

  deinit {
    storage.unmap()
  }

  /// The verified file.
  public var file: DriftFile { storage.file }

  /// Values of a sample, and of starting noise: channels * height * width.
  public var sampleCount: Int { storage.sampleCount }

  /// Values of a picture, which is the sample or what the model's decoder makes of it: channels * height * width.
  public var pictureCount: Int { storage.pictureCount }

  /// Steps that the sampler makes.
  public var stepCount: Int { storage.file.steps.count }

  /// How a picture's values become pixels.
  public var pixelMapping: PixelMapping {
    PixelMapping(low: storage.file.model.data_low, high: storage.file.model.data_high)
  }

  /// Bytes of arena, 64-byte aligned, that so many threads need.
  public func arenaBytes(threads: Int = 1) -> UInt64 {
    Session.arenaBytes(for: storage.file.model, threads: threads)
  }

  /// A session on this model; it must not outlive it.
  /// - Parameters:
  ///   - arena: Memory for this session alone, at least ``arenaBytes(threads:)``, 64-byte aligned.
  ///   - threads: 1 to the model's `max_threads`.
  ///   - kernels: Which kernels to use. All give the same bytes.
  /// - Throws: `badThreads`, `arenaTooSmall` or `arenaMisaligned`.
  public func session(
    arena: UnsafeMutableRawBufferPointer, threads: Int = 1, kernels: KernelSet = .best
  ) throws(DriftError) -> Session {
    try Session(file: storage.file, arena: arena, threads: threads, kernels: kernels)
  }
}

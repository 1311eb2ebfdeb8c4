import CDriftFormat
import CDriftKernels
import DriftFormat

/// A model, ready to generate: a verified file, the memory it works in, and a choice of kernels.
///
/// Everything that changes lies in the arena, which the caller owns and which no other session may use at the same time.
/// Nothing is allocated, opened or read from outside, and a session needs no closing.
public struct Session {
  /// Time that operators took, for benchmarks: added up per operator of the file.
  public typealias Profile = UnsafeMutableBufferPointer<UInt64>

  /// The file.
  public let file: DriftFile
  /// The kernels in use.
  public let kernels: KernelSet
  /// Threads that a call runs on. They begin with the call and end with it; if the system refuses one, the others do its share.
  public let threads: Int
  /// If set, nanoseconds are added to element i for each run of operator i; as many elements as the file has operators.
  public var profile: Profile?

  /// How spiking programs run.
  public var spiking: SpikingOptions
  /// If set, what spiking programs do is added to element i for each run of operator i; as many elements as the file has operators.
  public var activity: UnsafeMutableBufferPointer<OperatorActivity>?
  /// Of the last step, or evaluation by itself: spike time steps, and how many levels neurons still had to send in the end, 0 if the network
  /// came to rest. With guidance both evaluations are added up.
  public internal(set) var lastSpiking = (timeSteps: 0, distance: UInt64(0))
  /// If set, asked between the spike time steps of an evaluation and between the spiking steps of neurons that fire; anything but 0 ends
  /// the call with `cancelled`. It comes without context, so that a session keeps nothing alive: a flag that a signal raises will do.
  public var isCancelled: (@convention(c) () -> Int32)?

  let arena: UnsafeMutableRawPointer
  /// Whether the further threads are running: only within a call.
  var teamIsRunning = false
  /// What ``start(_:)`` was asked for, checked: null classes in place of -1.
  var request = Request(seed: 0)
  /// Raw values of the branches whose kept tensors hold something.
  var kept: UInt32 = 0
  /// Whether there are answers of an earlier step to estimate the null class's from.
  var hasLastAnswers = false
  /// Step groups that the tracers and membranes of the two branches belong to.
  var stateGroups: (conditional: UInt32, unconditional: UInt32) = (0, 0)

  /// Bytes of arena that a model needs.
  public static func arenaBytes(for model: drift_model, threads: Int) -> UInt64 {
    model.arena_bytes &+ UInt64(truncatingIfNeeded: max(threads, 1) &- 1) &* ThreadMemory.bytes(for: model)
  }

  /// Prepares a model to run.
  /// - Parameters:
  ///   - arena: Memory for the session alone, 64-byte aligned, of at least ``arenaBytes(for:threads:)``. Its contents do not matter.
  ///   - threads: 1 to the model's `max_threads`.
  ///   - kernels: Which kernels to use; the fastest by default.
  /// - Throws: `badThreads`, `arenaTooSmall` (expected and found bytes) or `arenaMisaligned` (expected alignment, found remainder).
  public init(
    file: DriftFile, arena: UnsafeMutableRawBufferPointer, threads: Int = 1, kernels: KernelSet = .best
  ) throws(DriftError) {
    let limit = UInt64(file.model.max_threads)
    guard threads >= 1, UInt64(truncatingIfNeeded: threads) <= limit else {
      throw DriftError(.badThreads, expected: limit, found: UInt64(bitPattern: Int64(truncatingIfNeeded: threads)))
    }
    let needed = Session.arenaBytes(for: file.model, threads: threads)
    let available = UInt64(truncatingIfNeeded: arena.count)
    guard let base = arena.baseAddress, available >= needed else {
      throw DriftError(.arenaTooSmall, expected: needed, found: available)
    }
    let remainder = UInt64(truncatingIfNeeded: UInt(bitPattern: base) & 63)
    guard remainder == 0 else { throw DriftError(.arenaMisaligned, expected: 64, found: remainder) }
    self.file = file
    self.kernels = kernels
    self.threads = threads
    self.arena = base
    spiking = SpikingOptions(costs: .typical(of: kernels.kind))
  }
}

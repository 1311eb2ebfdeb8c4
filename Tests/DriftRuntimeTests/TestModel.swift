import CDriftFormat
import DriftEmission
import DriftFormat
import DriftRuntime

/// A file in memory with an arena of exactly the size that it asks for with so many threads, full of garbage.
final class TestModel {
  let image: DriftImage
  let file: DriftFile
  let arena: UnsafeMutableRawBufferPointer
  let threads: Int
  private let bytes: UnsafeMutableRawBufferPointer

  init(_ builder: ProgramBuilder, threads: Int = 1) throws {
    self.threads = threads
    var image = builder.image
    try image.planMemory()
    let encoded = try image.encode()
    bytes = .allocate(byteCount: encoded.count, alignment: 64)
    bytes.copyBytes(from: encoded)
    file = try DriftFile(verifying: UnsafeRawBufferPointer(bytes))
    arena = .allocate(byteCount: Int(Session.arenaBytes(for: file.model, threads: threads)), alignment: 64)
    for i in 0..<arena.count { arena[i] = UInt8(truncatingIfNeeded: i &* 197 &+ 91) }
    self.image = image
  }

  deinit {
    bytes.deallocate()
    arena.deallocate()
  }

  var sampleCount: Int { Int(file.model.sample_channels * file.model.sample_height * file.model.sample_width) }

  func session(_ kernels: KernelSet = .best) throws -> Session {
    try Session(file: file, arena: arena, threads: threads, kernels: kernels)
  }

  /// The kernel sets of this CPU.
  static var kernelSets: [KernelSet] { KernelSet.Kind.allCases.compactMap { KernelSet($0) } }

  /// The engine's answer to NCHW values.
  func evaluate(_ x: [Float], step: Int, classLabel: Int32 = -1, kernels: KernelSet) throws -> [Float] {
    var session = try session(kernels)
    var output = [Float](repeating: .nan, count: sampleCount)
    try x.withUnsafeBufferPointer { x in
      try output.withUnsafeMutableBufferPointer { try session.evaluate(x, step: step, classLabel: classLabel, into: $0) }
    }
    return output
  }

  /// The plain interpreter's answer to NCHW values.
  func expected(_ x: [Float], step: Int, classLabel: Int = 0) -> [Float] {
    planar(PlainInterpreter.evaluate(image, state: interleaved(x), step: step, classLabel: classLabel))
  }

  func interleaved(_ x: [Float]) -> [Float] {
    let channels = Int(file.model.sample_channels), pixels = sampleCount / channels
    return (0..<x.count).map { x[$0 % channels * pixels + $0 / channels] }
  }

  func planar(_ x: [Float]) -> [Float] {
    let channels = Int(file.model.sample_channels), pixels = sampleCount / channels
    return (0..<x.count).map { x[$0 % pixels * channels + $0 / pixels] }
  }
}

extension ProgramBuilder {
  /// A denoiser of two convolutions with a normalization between them.
  static func denoiser(
    channels: Int = 2, size: Int = 6, steps: Int = 3, classes: Int = 0, nullClass: Int? = nil, seed: UInt64 = 1
  ) -> ProgramBuilder {
    var b = ProgramBuilder(
      channels: channels, height: size, width: size, groups: steps, classes: classes, nullClass: nullClass, seed: seed)
    let trunk = b.trunk(channels: 8)
    let x = b.normalize(trunk, to: DRIFT_TYPE_INT8, groups: 4, activation: DRIFT_ACTIVATION_TABLE)
    b.body = b.convolve(
      x, to: DRIFT_TYPE_INT16, channels: 8, size: (size, size), kernel: (3, 3), pad: (1, 1), residual: trunk, stepBias: true)
    return b
  }
}

/// The shape that Swift Testing reports when bits differ.
func bits(_ values: [Float]) -> [UInt32] { values.map(\.bitPattern) }

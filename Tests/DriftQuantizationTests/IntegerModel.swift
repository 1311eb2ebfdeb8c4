import CDriftFormat
import DriftEmission
import DriftFormat
import DriftGraph
import DriftReference
import DriftRuntime
import Foundation

/// A converted image, run by the device's engine.
final class IntegerModel {
  private let memory: UnsafeMutableRawBufferPointer
  let arena: UnsafeMutableRawBufferPointer
  var session: Session

  init(_ image: DriftImage, kernels: KernelSet = .best) throws {
    let encoded = try image.encode()
    memory = .allocate(byteCount: encoded.count, alignment: Int(DRIFT_ALIGNMENT))
    memory.copyBytes(from: encoded)
    let file = try DriftFile(verifying: UnsafeRawBufferPointer(memory))
    arena = .allocate(byteCount: Int(file.model.arena_bytes), alignment: Int(DRIFT_ALIGNMENT))
    session = try Session(file: file, arena: arena, threads: 1, kernels: kernels)
  }

  deinit {
    arena.deallocate()
    memory.deallocate()
  }

  /// The last state and the picture of it.
  func generate(_ request: Request) throws -> (state: [Float], picture: [Float]) {
    var picture = [Float](repeating: .nan, count: session.pictureCount)
    var state = [Float](repeating: .nan, count: session.sampleCount)
    try picture.withUnsafeMutableBufferPointer { try session.generate(request, into: $0) }
    try state.withUnsafeMutableBufferPointer { try session.copyState(into: $0) }
    return (state, picture)
  }

  /// Signal to noise of the answer to a float graph's for the same starting noise, in dB.
  func sqnr(to graph: Graph, step: Int, classLabel: Int? = nil) throws -> Double {
    var x = [Float](repeating: 0, count: session.sampleCount)
    x.withUnsafeMutableBufferPointer { Noise.fillNormal($0, seed: 77, stream: 0, sample: 0) }
    var answer = x
    try x.withUnsafeBufferPointer { x in
      try answer.withUnsafeMutableBufferPointer {
        try session.evaluate(x, step: step, classLabel: Int32(classLabel ?? -1), into: $0)
      }
    }
    let expected = try FloatDenoiser(graph).evaluate(x: x, timestep: session.file.steps[step].timestep, classLabel: classLabel)
    let signal = expected.reduce(0.0) { $0 + Double($1) * Double($1) }
    return 10 * log10(signal / max(Self.error(expected, answer), .leastNormalMagnitude))
  }

  /// Sum of squared differences.
  static func error(_ a: [Float], _ b: [Float]) -> Double {
    zip(a, b).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
  }

  /// PSNR of pictures in -1...1, in dB.
  static func psnr(_ a: [Float], _ b: [Float]) -> Double {
    10 * log10(4 * Double(a.count) / max(error(a, b), .leastNormalMagnitude))
  }
}

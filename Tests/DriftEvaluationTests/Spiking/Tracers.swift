import DriftEvaluation
import DriftFormat
import DriftRuntime

/// What neurons have sent, read from a session's memory after every step: an account of events that shares no code with the counters.
struct Tracers {
  /// By how much the value at [pixel * channels + channel] changed at a step, of one branch.
  private var changes: [Int32: [[[Int]]]] = [:]
  private let model: ModelFile

  /// Walks a spiking file in plain C kernels, with guidance if its weight is not 1.
  init(_ model: ModelFile, _ request: PictureRequest) throws {
    self.model = model
    let file = model.file, bytes = Int(Session.arenaBytes(for: model.file.model, threads: 1))
    let arena = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 64)
    defer { arena.deallocate() }
    var session = try Session(file: file, arena: arena, kernels: "scalar".withCString { KernelSet(named: $0) } ?? .best)
    let tracers = file.operators.filter { $0.opcode == DRIFT_OP_SEND.rawValue }.map(\.inputs.1)
    let branches = request.guidance == 1 ? 1 : 2
    var last: [Int32: [[Int]]] = [:]
    for tracer in tracers {
      let rest = Int(file.quantization(ofGroup: Int(file.steps[0].group))[Int(tracer)].zero_point)
      let tensor = file.tensors[Int(tracer)]
      let count = Int(tensor.height * tensor.width * tensor.channels)
      last[tracer] = Array(repeating: Array(repeating: rest, count: count), count: branches)
    }
    try session.start(
      Request(
        seed: request.seed, sampleIndex: request.sampleIndex, classLabel: Int32(request.classLabel ?? -1),
        guidance: request.guidance))
    for step in 0..<file.steps.count {
      try session.step(step)
      for tracer in tracers {
        let now = (0..<branches).map { Self.values(file, tracer, arena, offset: $0 * Int(file.model.kept_bytes)) }
        changes[tracer, default: []].append(zip(now, last[tracer] ?? []).map { zip($0, $1).map { $0 - $1 } })
        last[tracer] = now
      }
    }
  }

  private static func values(
    _ file: DriftFile, _ tracer: Int32, _ arena: UnsafeMutableRawBufferPointer, offset: Int
  ) -> [Int] {
    let tensor = file.tensors[Int(tracer)]
    let base = Int(tensor.arena_offset) + offset
    return (0..<Int(tensor.height * tensor.width)).flatMap { pixel in
      (0..<Int(tensor.channels)).map { channel in
        Int(arena.load(fromByteOffset: base + pixel * Int(tensor.channel_stride) + channel, as: Int8.self))
      }
    }
  }

  /// Changes of all values of a SEND's tracer at a step, both branches behind each other.
  func changes(of tracer: Int32, step: Int) -> [Int] { changes[tracer]?[step].flatMap { $0 } ?? [] }

  /// Sum over a convolution's events of the outputs that each reaches, `weight` telling how many events a change is.
  func additions(of operation: drift_operator, step: Int, weight: (Int) -> Int) -> Int {
    let input = model.file.tensors[Int(operation.inputs.0)], output = model.file.tensors[Int(operation.output)]
    let channels = Int(input.channels), readers = Self.readers(of: operation, input: input, output: output)
    let events = changes[operation.inputs.0]?[step] ?? []
    return events.reduce(0) { sum, branch in
      branch.enumerated().reduce(sum) { $0 + weight($1.element) * readers[$1.offset / channels] * Int(output.channels) }
    }
  }

  /// For each input pixel how often an output pixel reads it, by the definition of CONVOLUTION (docs/arithmetic.md), tap by tap.
  static func readers(of operation: drift_operator, input: drift_tensor, output: drift_tensor) -> [Int] {
    let (height, width) = (Int(input.height), Int(input.width))
    var result = Array(repeating: 0, count: height * width)
    for oy in 0..<Int(output.height) {
      for ox in 0..<Int(output.width) {
        for ky in 0..<Int(operation.kernel_height) {
          for kx in 0..<Int(operation.kernel_width) {
            let (iy, ix): (Int, Int)
            if operation.upsample == DRIFT_UPSAMPLE_PHASES.rawValue {
              (iy, ix) = (oy / 2 + oy % 2 - 1 + ky, ox / 2 + ox % 2 - 1 + kx)
            } else {
              let (y, x) = (
                oy * Int(operation.stride) + ky - Int(operation.pad_top), ox * Int(operation.stride) + kx - Int(operation.pad_left)
              )
              let scale = operation.upsample == 1 ? 2 : 1
              if y < 0 || x < 0 { continue }
              (iy, ix) = (y / scale, x / scale)
            }
            if (0..<height).contains(iy) && (0..<width).contains(ix) { result[iy * width + ix] += 1 }
          }
        }
      }
    }
    return result
  }
}

import DriftEvaluation
import DriftRuntime
import Foundation

/// What `spindrift bench` found. Encoded with snake-case keys it is its JSON.
struct BenchResult: Encodable {
  /// One operator of the file.
  struct Operator: Encodable {
    var name: String
    var opcode: String
    /// In one step.
    var ms: Double
    /// Of all operators' time.
    var share: Double
    /// Of int8 operands, in one step: mean over the steps, of which not all may run it. Of an operator with membranes the weights that its
    /// events add to them, however they are brought up to date.
    var multiplyAdds: Int
    /// Giga multiply-adds per second; 0 for operators that do not multiply.
    var gmacs: Double
    /// The same as a share of the int8 peak.
    var shareOfPeak: Double
    /// Of inputs, output and constants, each moved once.
    var bytes: Int
    /// Those bytes over the time, as a share of the memory's bandwidth; above 1 where caches hold them.
    var shareOfBandwidth: Double
  }

  /// Operators of one kind together.
  struct Kind: Encodable {
    var opcode: String
    var ms: Double
    var share: Double
    var multiplyAdds: Int
    var shareOfPeak: Double
  }

  var path: String
  /// Median over single steps, sampler included; of several programs the mean of their medians, weighted by their steps.
  var msPerStep: Double
  /// 10th and 90th percentile of the same.
  var msPerStepP10: Double
  var msPerStepP90: Double
  var stepsTimed: Int
  /// Median of each round.
  var msPerStepRounds: [Double]
  var threads: Int
  var kernel: String
  var multiplyAddsPerStep: Int
  /// What the kernels' multiply-add instructions reach on registers alone, all threads together.
  var int8PeakGmacs: Double
  var int8PeakSource: String
  /// What reading memory beyond the caches reaches, all threads together; 0 if it could not be measured.
  var memoryGbs: Double
  /// Multiply-adds of a step over its time, as a share of the peak.
  var shareOfPeak: Double
  /// What bringing events to membranes costs on this CPU, as `--costs` takes it; nil for programs without events.
  var eventCosts: String?
  var operators: [Operator]
  var kinds: [Kind]
  /// Of a spiking program: what its events come to, and times of whole pictures.
  var spiking: SpikingFigures?

  init(
    _ model: Inspection, timing: StepTiming, threads: Int, kernels: KernelSet, peak: Double, bandwidth: Double,
    costs: EventCosts? = nil, spiking: SpikingFigures? = nil
  ) {
    self.spiking = spiking
    path = model.path
    msPerStep = Self.typical(timing.rounds, programs: model.stepPrograms)
    msPerStepP10 = timing.steps.quantile(0.1) ?? 0
    msPerStepP90 = timing.steps.quantile(0.9) ?? 0
    stepsTimed = timing.steps.count
    msPerStepRounds = timing.rounds.map { Self.typical([$0], programs: model.stepPrograms) }
    memoryGbs = bandwidth
    eventCosts = costs?.text
    self.threads = threads
    kernel = "\(kernels.kind.name)"
    int8PeakGmacs = peak
    int8PeakSource = "multiply-add instructions of the \(kernel) kernels on registers alone"
    let records = model.programs.flatMap { program in
      program.operators.map { (record: $0, use: Double(program.steps) / Double(max(model.steps, 1))) }
    }
    let typical = zip(records, timing.operators).map { $0.use * $1 }
    let total = max(typical.reduce(0, +), .leastNormalMagnitude)
    operators = zip(records, typical).map { entry, ms in
      let additions = spiking.flatMap { figures in
        entry.record.state == nil || entry.record.opcode != "convolution"
          ? nil : figures.convolutions.first { $0.name == entry.record.name }?.synapticOperationsPerStep
      }
      let work = Int((additions ?? Double(entry.record.multiplyAdds) * entry.use).rounded())
      let bytes = Int((Double(entry.record.bytesMoved) * entry.use).rounded())
      let rate = ms > 0 ? Double(work) / (ms * 1e6) : 0
      return Operator(
        name: entry.record.name, opcode: entry.record.opcode, ms: ms, share: ms / total, multiplyAdds: work, gmacs: rate,
        shareOfPeak: rate / peak, bytes: bytes,
        shareOfBandwidth: ms > 0 && bandwidth > 0 ? Double(bytes) / (ms * 1e6) / bandwidth : 0)
    }
    multiplyAddsPerStep = spiking == nil ? model.multiplyAddsPerStep : operators.reduce(0) { $0 + $1.multiplyAdds }
    shareOfPeak = msPerStep > 0 ? Double(multiplyAddsPerStep) / (msPerStep * 1e6) / peak : 0
    kinds = Dictionary(grouping: operators, by: \.opcode).map { opcode, members in
      let ms = members.reduce(0) { $0 + $1.ms }
      let work = members.reduce(0) { $0 + $1.multiplyAdds }
      return Kind(
        opcode: opcode, ms: ms, share: ms / total, multiplyAdds: work,
        shareOfPeak: ms > 0 ? Double(work) / (ms * 1e6) / peak : 0)
    }.sorted { $0.ms > $1.ms }
  }

  /// Milliseconds of a step: the median of each program's steps, weighted by how many of a picture's steps run it.
  /// - Parameters:
  ///   - rounds: times of steps, each round from the first step of a picture on.
  ///   - programs: of each step of a picture.
  static func typical(_ rounds: [[Double]], programs: [Int]) -> Double {
    var byProgram: [Int: [Double]] = [:]
    for times in rounds {
      for (index, time) in times.enumerated() { byProgram[programs[index % programs.count], default: []].append(time) }
    }
    let weighted = byProgram.map { program, times in
      (time: times.median ?? 0, steps: Double(programs.count { $0 == program }))
    }
    return weighted.reduce(0) { $0 + $1.time * $1.steps } / max(weighted.reduce(0) { $0 + $1.steps }, 1)
  }

  /// For people: the figures, operators by kind, and the slowest ones.
  func lines() -> [String] {
    func format(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
    let rate = Double(multiplyAddsPerStep) / max(msPerStep, .leastNormalMagnitude) / 1e6
    var lines = [
      "\(path): \(format(msPerStep, 3)) ms per step (10th to 90th percentile \(format(msPerStepP10, 3)) to \(format(msPerStepP90, 3)), "
        + "\(stepsTimed) steps; medians of rounds \(format(msPerStepRounds.min() ?? 0, 3)) to "
        + "\(format(msPerStepRounds.max() ?? 0, 3))), \(threads) \(threads == 1 ? "thread" : "threads"), kernel \(kernel)",
      "\(format(Double(multiplyAddsPerStep) / 1e6, 1)) M multiply-adds\(spiking == nil ? "" : " and additions of events") a step: \(format(rate, 1)) G/s, "
        + "\(format(100 * shareOfPeak, 1)) % of the peak of \(format(int8PeakGmacs, 1)) G/s",
      "(\(int8PeakSource)); memory reads at \(format(memoryGbs, 1)) GB/s",
    ]
    if let eventCosts { lines.append("costs of events on this CPU, for other commands: --costs \(eventCosts)") }
    lines += TextTable.lines(
      kinds.map {
        [
          $0.opcode, "\(format($0.ms, 3)) ms", "\(format(100 * $0.share, 1)) %",
          $0.multiplyAdds > 0 ? "\(format(100 * $0.shareOfPeak, 1)) % of peak" : "",
        ]
      })
    lines.append("slowest operators:")
    let slowest = operators.sorted { $0.ms > $1.ms }.prefix(10)
    lines += TextTable.lines(
      slowest.map {
        [
          "  " + $0.name, $0.opcode, "\(format($0.ms, 3)) ms", "\(format(100 * $0.share, 1)) %",
          $0.gmacs > 0 ? "\(format($0.gmacs, 1)) G/s" : "", $0.gmacs > 0 ? "\(format(100 * $0.shareOfPeak, 1)) % of peak" : "",
          "\(format(100 * $0.shareOfBandwidth, 1)) % of memory",
        ]
      })
    if let spiking { lines += SpikingText.lines(spiking) }
    return lines
  }
}

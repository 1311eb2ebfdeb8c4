import DriftGraph
import DriftReference
import Synchronization

/// Runs the float sampler on calibration seeds and collects what quantization needs. Every step of every trajectory is tapped in one pass:
/// the states are those of the denoising process, the only inputs that calibrate well (PTQ4DM, table 2).
public enum Calibration {
  /// Called with the trajectories done and their number; from several threads.
  public typealias Progress = @Sendable (_ done: Int, _ of: Int) -> Void

  /// - Parameters:
  ///   - checkpoint: the float model whose nodes `targets` name.
  ///   - plan: the sampler that the converted model will walk.
  ///   - decoderTargets: values of the checkpoint's decoder, which then makes a picture of every trajectory's last state.
  /// - Returns: statistics that depend on the checkpoint, the plan and the options alone; the decoder's are those of a single step.
  /// - Throws: `ReferenceError` if the model cannot be evaluated or does not give finite numbers.
  public static func run(
    _ checkpoint: Checkpoint, plan: SamplerPlan, targets: CalibrationTargets, decoderTargets: CalibrationTargets? = nil,
    options: CalibrationOptions, progress: @escaping Progress = { _, _ in }
  ) throws -> (denoiser: CalibrationStatistics, decoder: CalibrationStatistics?) {
    let pipeline = ReferencePipeline(checkpoint: checkpoint, plan: plan)
    let done = Mutex(0)
    let lanes = try walk(pipeline.sampler, checkpoint, samples: options.samples, options: options) {
      let decoding = pipeline.decoder.flatMap { decoder in
        decoderTargets.map { CalibrationStatistics($0, graph: decoder.graph, steps: 1) }
      }
      return (denoiser: CalibrationStatistics(targets, graph: checkpoint.graph, steps: plan.steps.count), decoder: decoding)
    } tap: { statistics, step, node, values in
      statistics.denoiser.add(node, values, step: step)
    } finish: { statistics, state in
      if statistics.decoder != nil, let decoder = pipeline.decoder {
        _ = try decoder.evaluate(x: state, timestep: 0) { node, values in statistics.decoder?.add(node, values, step: 0) }
      }
      progress(
        done.withLock {
          $0 += 1
          return $0
        }, options.samples)
    }
    return lanes.dropFirst().reduce(into: lanes[0]) { result, lane in
      result.denoiser.merge(lane.denoiser)
      if let decoding = lane.decoder { result.decoder?.merge(decoding) }
    }
  }

  /// Walks trajectories of the calibration seed, with a collector for each lane.
  /// - Parameters:
  ///   - tap: receives every node's result with the index of the step.
  ///   - finish: receives each trajectory's last state.
  /// - Returns: the collectors, in the order of lanes.
  static func walk<Collector: Sendable>(
    _ sampler: ReferenceSampler, _ checkpoint: Checkpoint, samples: Int, options: CalibrationOptions,
    collector: @Sendable () -> Collector,
    tap:
      @escaping @Sendable (_ collector: inout Collector, _ step: Int, _ node: NodeID, _ values: UnsafeBufferPointer<Float>) -> Void,
    finish: @Sendable (_ collector: inout Collector, _ state: [Float]) throws -> Void = { _, _ in }
  ) throws -> [Collector] {
    try LaneRunner.run { lane in
      var result = collector()
      for sample in stride(from: lane, to: samples, by: LaneRunner.laneCount) {
        let request = CalibrationRequest(sample: sample, checkpoint: checkpoint, weight: options.guidance)
        let state = try sampler.generate(
          seed: options.seed, sampleIndex: UInt32(sample), classLabel: request.classLabel, guidance: request.guidance,
          clippedEpsilon: options.clippedEpsilon ? true : nil,
          tap: { step, node, values in tap(&result, step, node, values) })
        try finish(&result, state)
      }
      return result
    }
  }
}

/// Class and guidance of a calibration trajectory: all classes in turn, "no class" among them, and every fourth trajectory guided, since
/// guided states leave the distribution of unguided ones and both branches share their scales.
package struct CalibrationRequest {
  package var classLabel: Int?
  package var guidance: Float

  package init(sample: Int, checkpoint: Checkpoint, weight: Float) {
    classLabel = checkpoint.graph.classCount > 0 ? sample % checkpoint.graph.classCount : nil
    guidance = 1
    if let nullClass = checkpoint.nullClass, sample % 4 == 3, classLabel != nullClass { guidance = weight }
  }
}

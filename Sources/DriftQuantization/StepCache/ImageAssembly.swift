import DriftEmission
import DriftFormat
import DriftGraph

/// All that an image is made of once scales and weights are chosen: with any step cache, or none.
struct ImageAssembly {
  var checkpoint: Checkpoint
  var plan: SamplerPlan
  var options: ConversionOptions
  var program: LoweredProgram
  var scales: ActivationScales
  var weights: [String: QuantizedWeights]
  var stepTable: StepTable
  var stored: StoredValues
  /// Factor of the denoiser's answer at each step.
  var outputScales: [Float]
  /// What makes pictures of the last state, where that is none.
  var decoder: DecoderProgram?

  /// The image, memory planned.
  func image(_ cache: StepCache?) throws -> DriftImage {
    var builder = ImageBuilder(
      program: program, scales: scales, weights: weights, stepTable: stepTable, stored: stored,
      cache: cache.map { CachedProgram(program, cache: $0) }, decoder: decoder)
    return try builder.build(checkpoint: checkpoint, plan: plan, outputScales: outputScales, options: options)
  }

  /// What is kept from step to step, as the options ask.
  func chooseCache(progress: @escaping Converter.Progress) throws -> (cache: StepCache, report: StepCacheReport)? {
    let steps = plan.steps.count
    switch options.stepCache {
    case .none: return nil
    case .interval(let interval):
      let cache = StepCache(cut: try program.cheapestCut(), steps: steps, interval: interval)
      return (cache, StepCacheReport(cache, in: program))
    case .automatic(let bound):
      var search = try StepCacheSearch(self, bound: bound, progress: progress)
      return try search.run()
    }
  }
}

import DriftCalibration
import DriftEmission
import DriftFormat

/// Finds the cache with the least work whose pictures stay close enough to the float ones, by making pictures with each candidate.
///
/// The fewest full steps that suffice are found by bisection over even placements, then with the placements that lean to either end; a cut
/// that could only win with as much work as the best one so far is asked once, with the most full steps that would still win.
struct StepCacheSearch {
  /// Trajectories whose pictures are compared.
  static let samples = 32

  private let assembly: ImageAssembly
  private let bound: Double
  private let reference: FloatPictures
  private let progress: Converter.Progress
  private var trials: [StepCacheReport.Trial] = []
  private var best: (cache: StepCache, work: Double)?
  /// Pictures of one cut differ in the steps' programs only.
  private var image = DriftImage()

  /// Makes the float pictures.
  init(_ assembly: ImageAssembly, bound: Double, progress: @escaping Converter.Progress) throws {
    self.assembly = assembly
    self.bound = bound
    self.progress = progress
    reference = try FloatPictures(
      assembly, samples: Self.samples, seed: assembly.options.seed, guidance: GuidanceOptions.defaultWeight)
  }

  private var steps: Int { assembly.plan.steps.count }
  private var whole: Int { assembly.program.multiplyAdds }

  mutating func run() throws -> (cache: StepCache, report: StepCacheReport) {
    for cut in assembly.program.stepCacheCuts() { try search(cut) }
    guard let best else { throw StepCacheError.bound(bound, best: trials.map(\.psnrDb).max() ?? 0) }
    return (best.cache, StepCacheReport(best.cache, in: assembly.program, boundDb: bound, trials: trials))
  }

  private mutating func search(_ cut: StepCacheCut) throws {
    // The most full steps with which this cut would still be the best.
    let limit = (1..<steps).last { count in
      guard let best else { return true }
      return StepCachePlacement.even.cache(cut, steps: steps, full: count)?.multiplyAddsPerStep(whole: whole) ?? 0 < best.work
    }
    guard var enough = limit else { return }
    image = try assembly.image(StepCache(cut: cut, steps: steps, interval: steps))
    guard try suffices(cut, .even, full: enough) else { return }
    var tooFew = 0
    while enough - tooFew > 1 {
      let middle = (enough + tooFew) / 2
      if try suffices(cut, .even, full: middle) { enough = middle } else { tooFew = middle }
    }
    while try StepCachePlacement.leaning.contains(where: { try suffices(cut, $0, full: enough - 1) }) { enough -= 1 }
  }

  /// Whether a cache reaches the bound; the best that does is remembered.
  private mutating func suffices(_ cut: StepCacheCut, _ placement: StepCachePlacement, full: Int) throws -> Bool {
    guard let cache = placement.cache(cut, steps: steps, full: full) else { return false }
    for (step, isFull) in cache.isFull.enumerated() { image.steps[step].program = isFull ? 0 : 1 }
    let psnr = try reference.medianPSNR(try image.encode())
    let work = cache.multiplyAddsPerStep(whole: whole)
    trials.append(
      .init(
        cut: assembly.program.tensors[cut.tensor].name, fullSteps: full, placement: placement.exponent, multiplyAddsPerStep: work,
        psnrDb: psnr))
    progress("measure step caches", trials.count, trials.count + 1)
    guard psnr >= bound else { return false }
    if best.map({ work < $0.work }) ?? true { best = (cache, work) }
    return true
  }
}

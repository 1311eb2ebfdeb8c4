import DriftCalibration

/// Chooses how much clipping weighs by the pictures that come out. With few levels no rule serves all: on models/digits-relu with 15 levels,
/// 50 steps want four times the weight of rounding, 100 steps want one, and errors of the noise prediction hardly differ.
struct ClippingSearch {
  var options: ConversionOptions

  /// Pictures of each trial, of a seed that nothing else looks at.
  private static let samples = 8

  /// Weights that are tried: that of plain squared error, and the levels' own.
  var candidates: [Double] { [1, OperandLevels.clippingWeight(options.levels)] }

  /// - Parameter assemblies: candidates by weight, in ascending order.
  func run(_ assemblies: [(weight: Double, assembly: ImageAssembly)], progress: @escaping Converter.Progress) throws
    -> ClippingReport
  {
    progress("weigh clipping", 0, assemblies.count)
    guard let any = assemblies.first?.assembly else { return ClippingReport([], pictures: 0) }
    let reference = try FloatPictures(any, samples: Self.samples, seed: options.seed &+ 5, guidance: 1)
    let trials = try assemblies.enumerated().map { index, candidate in
      let psnr = try reference.medianPSNR(options.running(try candidate.assembly.image(nil)).encode())
      progress("weigh clipping", index + 1, assemblies.count)
      return ClippingReport.Trial(weight: candidate.weight, psnrDb: psnr)
    }
    return ClippingReport(trials, pictures: Self.samples)
  }
}

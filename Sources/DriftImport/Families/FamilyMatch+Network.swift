import DriftGraph
import Foundation

extension FamilyMatch {
  /// Rebuilds the network.
  /// - Parameters:
  ///   - size: height and width of the sample.
  ///   - channels: of the sample, if they are known from elsewhere.
  func network(
    _ settings: inout FamilySettings, size: (height: Int, width: Int), channels: Int?
  ) throws(ImportError) -> FamilyNetwork {
    try view.checkShapes()
    switch family {
    case .guidedDiffusion: return try GuidedDiffusionBuilder.network(view, family, &settings, size: size, channels: channels)
    case .latentDiffusion:
      var network = try GuidedDiffusionBuilder.network(view, family, &settings, size: size, channels: channels)
      guard let latent = network.graph.sampleShape else { return network }
      network.decoder = try decoder(latent, &settings)
      if network.decoder != nil { network.summary += ", with the decoder of its pictures" }
      return network
    case .pytorchDDPM, .quantizedDDPM:
      return try PyTorchDDPMBuilder.network(view, family, &settings, size: size, channels: channels)
    case .ddpm: return try CompVisDDPMBuilder.network(view, size: size, channels: channels)
    case .sddpm: return try SpikingUNetBuilder.network(view, &settings, size: size, channels: channels)
    case .diffusers: return try diffusersNetwork(size)
    }
  }

  /// The noise schedule that the file holds, or that belongs to the family by definition; else the error that asks for one.
  func schedule(
    _ source: any TensorSource, _ notes: inout [String]
  ) throws(ImportError) -> Result<NoiseSchedule, ImportError> {
    switch family {
    case .latentDiffusion:
      guard let alphaBar = try ScheduleTensors.alphaBar(source) else { break }
      notes.append("noise schedule of the file's tensors; that it predicts epsilon is not in the file, so assumed (--schedule)")
      // Latents are not bounded.
      return .success(NoiseSchedule(alphaBar: alphaBar, clipRange: nil))
    case .pytorchDDPM, .sddpm, .quantizedDDPM, .ddpm:
      // The table of timesteps has a row for each.
      let rows = view.shape(of: "time_embedding.timembedding.0.weight")?.first ?? 1000
      guard (1...100_000).contains(rows) else { break }
      notes.append("noise schedule not in the file, so the family's: linear from 0.0001 to 0.02 over \(rows) steps (--schedule)")
      let betas = BetaSchedule.linear(from: 0.0001, to: 0.02)
      return .success(NoiseSchedule(alphaBar: betas.alphaBar(count: rows), variance: .fixedLarge))
    case .diffusers:
      let folder = URL(fileURLWithPath: view.path).deletingLastPathComponent()
      let files = ["scheduler_config.json", "../scheduler/scheduler_config.json"].map { folder.appendingPathComponent($0).path }
      guard let file = files.first(where: { FileBytes.isFile($0) }) else { break }
      return .success(try NoiseSchedule(schedulerFile: file))
    case .guidedDiffusion: break
    }
    return .failure(
      ImportError(
        source.path,
        "holds no noise schedule, and the family \(family.rawValue) was trained with several; give one with --schedule FILE.json"))
  }

  /// The decoder that lies beside the denoiser of a latent diffusion; nil if there is none.
  private func decoder(_ latent: Shape, _ settings: inout FamilySettings) throws(ImportError) -> Graph? {
    let firstStage = TensorView(view.base, prefix: "first_stage_model.")
    guard firstStage.shape(of: "decoder.conv_in.weight") != nil else { return nil }
    try firstStage.checkShapes()
    let factor: Float
    if view.base.shape(of: "scale_factor") != nil, !settings.isGiven("scale_factor") {
      factor = try view.base.parameter("scale_factor").values.first ?? 0
      guard factor > 0 else { throw ImportError(view.path, "'scale_factor' is \(factor), expected a number above 0") }
    } else {
      // Stable Diffusion's is in its configuration only; codebooks are trained on latents as they are.
      let isCoded = firstStage.shape(of: "quantize.embedding.weight") != nil
      factor = try settings.positive("scale_factor", default: isCoded ? 1 : 0.18215)
    }
    return try FirstStageDecoder.graph(firstStage, latent: latent, factor: factor)
  }
}

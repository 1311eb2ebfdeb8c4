import DriftGraph
import Foundation

/// The files of a diffusers folder: a pipeline (`model_index.json`, `unet/` or `transformer/`, `scheduler/`, with a decoder of latents `vae/`
/// or `vqvae/`), or a denoiser alone.
struct DiffusersFolder {
  /// `config.json` of the denoiser.
  let configFile: String
  /// Its weights.
  let weightsFile: String
  /// `config.json` and weights of the decoder of latents, if there is one.
  let decoder: (configFile: String, weightsFile: String)?
  /// `scheduler_config.json`, if there is one.
  let schedulerFile: String?
  /// `schedule.json`, if there is one.
  let scheduleFile: String?

  /// In the order of preference.
  private static let weightNames = [
    "diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.safetensors.index.json", "diffusion_pytorch_model.bin",
    "diffusion_pytorch_model.bin.index.json", "diffusion_pytorch_model.fp16.safetensors", "diffusion_pytorch_model.fp16.bin",
  ]

  init(_ path: String) throws(ImportError) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { throw ImportError(path, "does not exist") }
    guard isFolder.boolValue else {
      throw ImportError(path, "is a file, expected the folder of a diffusers pipeline or denoiser")
    }
    if let index = Self.existing(path, "model_index.json") { try Self.checkComponents(index) }
    let part = Self.denoisers.first { Self.existing(path, "\($0)/config.json") != nil }
    let folder = part.map { "\(path)/\($0)" } ?? path
    guard let config = Self.existing(folder, "config.json") else {
      throw ImportError(
        path,
        "has neither unet/config.json, transformer/config.json nor config.json: it is not the folder of a diffusers pipeline or denoiser"
      )
    }
    configFile = config
    weightsFile = try Self.weights(folder)
    if part != nil, let decoder = Self.decoders.first(where: { Self.existing(path, "\($0)/config.json") != nil }) {
      self.decoder = ("\(path)/\(decoder)/config.json", try Self.weights("\(path)/\(decoder)"))
    } else {
      decoder = nil
    }
    schedulerFile = Self.existing(path, "scheduler/scheduler_config.json") ?? Self.existing(path, "scheduler_config.json")
    scheduleFile = Self.existing(path, "schedule.json")
  }

  private static func existing(_ folder: String, _ name: String) -> String? {
    let path = "\(folder)/\(name)"
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }

  private static func weights(_ folder: String) throws(ImportError) -> String {
    guard let weights = Self.weightNames.lazy.compactMap({ Self.existing(folder, $0) }).first else {
      throw ImportError(folder, "has no \(Self.weightNames[0]), nor one of its other forms (.bin, several files, fp16)")
    }
    return weights
  }

  private static let denoisers = ["unet", "transformer"]
  private static let decoders = ["vae", "vqvae", "movq"]

  /// Components whose results are inputs of the denoiser, or that only look at finished pictures.
  private static let conditioning = [
    "text_encoder", "text_encoder_2", "text_encoder_3", "tokenizer", "tokenizer_2", "tokenizer_3", "bert", "image_encoder",
    "safety_checker", "feature_extractor", "watermarker", "watermark",
  ]

  /// Refuses pipelines that need more than a denoiser, a scheduler, and a decoder of latents.
  private static func checkComponents(_ index: String) throws(ImportError) {
    let members = try JSONParser.object(ofFile: index).members
    var found: [String] = []
    for (name, value) in members where !name.hasPrefix("_") && name != "scheduler" && !conditioning.contains(name) {
      guard case .array(let parts) = value, !parts.allSatisfy({ $0 == .null }) else { continue }
      guard (denoisers + decoders).contains(name) else {
        throw ImportError(
          index,
          "the pipeline has a component '\(name)' (\(value.description)); a denoiser (unet or transformer), a scheduler and a decoder of latents (vae, vqvae or movq) can be converted"
        )
      }
      let folder = "\(index.dropLast("model_index.json".count))\(name)"
      guard existing(folder, "config.json") != nil else {
        throw ImportError(
          index, "names a component '\(name)' (\(value.description)), but there is no \(name)/config.json beside it")
      }
      found.append(name)
    }
    for kind in [denoisers, decoders] {
      let same = found.filter { kind.contains($0) }
      guard same.count <= 1 else {
        throw ImportError(index, "the pipeline has both '\(same[0])' and '\(same[1])'; one of them can be converted")
      }
    }
  }
}

import DriftGraph
import Foundation

/// The files of a diffusers folder: a pipeline (`model_index.json`, `unet/`, `scheduler/`), or a denoiser alone.
struct DiffusersFolder {
  /// `config.json` of the denoiser.
  let configFile: String
  /// Its weights.
  let weightsFile: String
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
    let unet = Self.existing(path, "unet/config.json")
    guard let config = unet ?? Self.existing(path, "config.json") else {
      throw ImportError(
        path, "has neither unet/config.json nor config.json: it is not the folder of a diffusers pipeline or denoiser")
    }
    configFile = config
    let folder = unet == nil ? path : "\(path)/unet"
    guard let weights = Self.weightNames.lazy.compactMap({ Self.existing(folder, $0) }).first else {
      throw ImportError(folder, "has no \(Self.weightNames[0]), nor one of its other forms (.bin, several files, fp16)")
    }
    weightsFile = weights
    schedulerFile = Self.existing(path, "scheduler/scheduler_config.json") ?? Self.existing(path, "scheduler_config.json")
    scheduleFile = Self.existing(path, "schedule.json")
  }

  private static func existing(_ folder: String, _ name: String) -> String? {
    let path = "\(folder)/\(name)"
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }

  /// Components whose results are inputs of the denoiser, or that only look at finished pictures.
  private static let conditioning = [
    "text_encoder", "text_encoder_2", "tokenizer", "tokenizer_2", "safety_checker", "feature_extractor", "watermarker",
  ]

  /// Refuses pipelines that need more than a denoiser and a scheduler.
  private static func checkComponents(_ index: String) throws(ImportError) {
    for (name, value) in try JSONParser.object(ofFile: index).members
    where !name.hasPrefix("_") && !["unet", "scheduler"].contains(name) && !conditioning.contains(name) {
      if case .array(let parts) = value, !parts.allSatisfy({ $0 == .null }) {
        throw ImportError(
          index, "the pipeline has a component '\(name)' (\(value.description)); only 'unet' and 'scheduler' can be converted")
      }
    }
  }
}

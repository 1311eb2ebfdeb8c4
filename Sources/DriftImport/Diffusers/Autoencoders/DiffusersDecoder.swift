import DriftGraph

/// The decoders of latents that diffusers' `config.json` names by `_class_name`.
package enum DiffusersDecoder: String, CaseIterable {
  case autoencoderKL = "AutoencoderKL"
  case autoencoderTiny = "AutoencoderTiny"
  case vectorQuantized = "VQModel"

  /// The graph of a decoder whose tensors are in a file (safetensors, an index of several, or a PyTorch archive).
  package static func graph(configFile: String, weightsFile: String, latent: Shape) throws(ImportError) -> Graph {
    try graph(configFile: configFile, source: try ArchiveFile.open(weightsFile), latent: latent)
  }

  /// The graph of a decoder: its sample is the denoiser's latent, its output the picture.
  /// - Parameters:
  ///   - configFile: path of `config.json`.
  ///   - source: its tensors; those of the encoder may be missing.
  ///   - latent: shape of the denoiser's sample.
  static func graph(configFile: String, source: any TensorSource, latent: Shape) throws(ImportError) -> Graph {
    var reader = try ConfigReader(file: configFile)
    switch DiffusersDecoder(rawValue: try reader.string("_class_name")) {
    case .autoencoderKL, .vectorQuantized:
      return try AutoencoderBuilder.graph(try AutoencoderConfiguration(file: configFile), source, latent: latent)
    case .autoencoderTiny:
      return try AutoencoderTinyBuilder.graph(try AutoencoderTinyConfiguration(file: configFile), source, latent: latent)
    case nil:
      let known = Self.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
      throw reader.wrong("_class_name", expected: "one of the decoders \(known)")
    }
  }
}

import DriftGraph

/// The denoisers that diffusers' `config.json` names by `_class_name`.
enum DiffusersModel: String, CaseIterable {
  case dit = "DiTTransformer2DModel"
  case pixArt = "PixArtTransformer2DModel"
  case transformer2D = "Transformer2DModel"
  case unet1D = "UNet1DModel"
  case unet2D = "UNet2DModel"
  case unet2DCondition = "UNet2DConditionModel"

  /// Reads the name of the class.
  init(configFile: String) throws(ImportError) {
    var reader = try ConfigReader(file: configFile)
    let name = try reader.string("_class_name")
    guard let model = DiffusersModel(rawValue: name) else {
      let known = Self.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
      throw reader.wrong("_class_name", expected: "one of \(known)")
    }
    self = model
  }

  /// The graph of the denoiser that a configuration describes.
  /// - Parameters:
  ///   - configFile: path of `config.json`.
  ///   - source: its tensors.
  static func graph(
    configFile: String, source: any TensorSource, options: DiffusersOptions
  ) throws(ImportError) -> Graph {
    let model = try DiffusersModel(configFile: configFile)
    switch model {
    case .dit, .pixArt, .transformer2D:
      return try TransformerBuilder.graph(try TransformerConfiguration(file: configFile, model), source, options)
    case .unet1D: return try UNet1DBuilder.graph(try UNet1DConfiguration(file: configFile), source, options)
    case .unet2D: return try UNet2DBuilder.graph(try UNet2DConfiguration(file: configFile), source, options)
    case .unet2DCondition:
      return try UNet2DConditionBuilder.graph(try UNet2DConditionConfiguration(file: configFile), source, options)
    }
  }
}

extension ImportError {
  /// A model that takes any number as its label.
  static func endlessLabels(_ path: String) -> ImportError {
    ImportError(
      path,
      "'class_embed_type' takes labels without end; say how many there are: num_class_embeds, or num_classes in a schedule.json")
  }
}

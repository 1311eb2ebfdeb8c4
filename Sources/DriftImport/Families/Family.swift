/// Networks that are rebuilt from the names and shapes of their tensors alone.
enum Family: String, CaseIterable, Sendable {
  /// U-Nets of openai/improved-diffusion and openai/guided-diffusion.
  case guidedDiffusion = "guided-diffusion"
  /// U-Nets of CompVis/latent-diffusion and of Stable Diffusion's single-file checkpoints, with the decoder of their pictures.
  case latentDiffusion = "latent-diffusion"
  /// U-Net of w86763777/pytorch-ddpm.
  case pytorchDDPM = "pytorch-ddpm"
  /// U-Net of the PyTorch port of DDPM, as in CompVis/taming-transformers and ermongroup/ddim.
  case ddpm
  /// Spiking U-Net of SDDPM and, with temporal factors, of SDM (Cao et al., "Spiking Denoising Diffusion Probabilistic Models").
  case sddpm
  /// U-Net with quantized ReLU that SDM converts to spiking neurons.
  case quantizedDDPM = "sdm-ann"
  /// `UNet2DModel` of diffusers, whose keys leave much open that its config.json says.
  case diffusers

  /// The family of a name that people use; nil if there is none.
  init?(name: String) {
    switch name {
    case "improved-diffusion": self = .guidedDiffusion
    case "stable-diffusion": self = .latentDiffusion
    case "sdm": self = .sddpm
    default: self.init(rawValue: name)
    }
  }

  /// The first convolution's weights: where this key ends a name, the rest of the name is the prefix of the network's keys.
  var anchor: String {
    switch self {
    case .guidedDiffusion, .latentDiffusion: "input_blocks.0.0.weight"
    case .pytorchDDPM, .quantizedDDPM: "head.weight"
    case .ddpm, .diffusers: "conv_in.weight"
    case .sddpm: "conv_identity"
    }
  }

  /// Keys that every network of the family has.
  var required: [String] {
    switch self {
    case .guidedDiffusion, .latentDiffusion:
      [
        "time_embed.0.weight", "input_blocks.0.0.weight", "middle_block.0.in_layers.2.weight",
        "output_blocks.0.0.in_layers.2.weight", "out.2.weight",
      ]
    case .pytorchDDPM:
      [
        "time_embedding.timembedding.0.weight", "head.weight", "downblocks.0.block1.2.weight", "middleblocks.0.block1.2.weight",
        "upblocks.0.block1.2.weight", "tail.2.weight",
      ]
    case .ddpm:
      [
        "temb.dense.0.weight", "conv_in.weight", "down.0.block.0.conv1.weight", "mid.block_1.conv1.weight",
        "up.0.block.0.conv1.weight", "conv_out.weight",
      ]
    case .sddpm:
      [
        "time_embedding.timembedding.0.weight", "bn.weight", "bn_identity.weight", "downblocks.0.bn1.weight",
        "middleblocks.0.bn1.weight",
        "upblocks.0.bn1.weight", "tail_bn.weight", "T_output_layer.weight", "last_bn.weight",
      ]
    case .quantizedDDPM:
      [
        "time_embedding.timembedding.0.weight", "head.weight", "downblocks.0.block1.1.act_alpha",
        "middleblocks.0.block1.1.act_alpha",
        "upblocks.0.block1.1.act_alpha", "tail.1.act_alpha",
      ]
    case .diffusers:
      [
        "conv_in.weight", "time_embedding.linear_1.weight", "down_blocks.0.resnets.0.conv1.weight",
        "up_blocks.0.resnets.0.conv1.weight", "conv_out.weight",
      ]
    }
  }

  /// Whether a key outside of the denoiser belongs to what the family's files hold beside it.
  func isCompanion(_ key: String) -> Bool {
    switch self {
    case .latentDiffusion:
      ["first_stage_model.", "cond_stage_model.", "conditioner.", "denoiser.", "model_ema."].contains { key.hasPrefix($0) }
        || ScheduleTensors.names.contains(key)
    case .sddpm, .pytorchDDPM, .quantizedDDPM: key == "x_T"
    default: false
    }
  }
}

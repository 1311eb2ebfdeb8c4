import DriftGraph
import Foundation

extension FamilyMatch {
  /// The `config.json` beside tensors of diffusers' `UNet2DModel`, without which its keys leave too much open.
  func configuration() throws(ImportError) -> UNet2DConfiguration {
    let file = URL(fileURLWithPath: view.path).deletingLastPathComponent().appendingPathComponent("config.json").path
    guard FileBytes.isFile(file) else {
      throw ImportError(
        view.path,
        "holds the tensors of a diffusers UNet2DModel, which do not tell its activation, heads and groups; put its config.json beside it"
      )
    }
    return try UNet2DConfiguration(file: file)
  }

  /// The network as the configuration says.
  func diffusersNetwork(_ size: (height: Int, width: Int)) throws(ImportError) -> FamilyNetwork {
    let configuration = try configuration()
    let classes: Int
    switch configuration.classEmbedding {
    case nil: classes = 0
    case .table(let rows): classes = rows
    case .timestep, .identity:
      guard let count = configuration.labelCount else {
        throw ImportError(
          configuration.path, "'class_embed_type' takes labels without end; say how many there are with num_class_embeds")
      }
      classes = count
    }
    let graph = try UNet2DBuilder.graph(configuration, view, sampleSize: size, classCount: classes)
    return FamilyNetwork(graph: graph, summary: "made as the config.json beside it says")
  }
}

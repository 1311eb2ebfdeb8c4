import DriftGraph
import DriftImport
import DriftReference
import Foundation
import Testing

/// The spiking U-Nets of SDDPM and SDM: what their graphs are made of.
@Suite struct SpikingUNetTests {
  /// Tensors of a network of these widths, two residual blocks for each level; with `factors`, as many steps' of SDM.
  private static func tensors(width: Int, multipliers: [Int], rows: Int, factors: Int? = nil) -> TensorFile {
    var file = TensorFile()
    func convolution(_ name: String, _ inputs: Int, _ outputs: Int, kernel: Int = 3) {
      let layer = factors == nil ? name : "\(name).tsmconv"
      file.add("\(layer).weight", [outputs, inputs, kernel, kernel])
      file.add("\(layer).bias", [outputs])
      if let factors { file.add("\(name).tsmp", [factors, 1, 1, 1, 1]) }
    }
    func linear(_ name: String, _ inputs: Int, _ outputs: Int) {
      file.add("\(name).weight", [outputs, inputs])
      file.add("\(name).bias", [outputs])
    }
    func normalization(_ name: String, _ channels: Int) {
      for part in ["weight", "bias", "running_mean", "running_var"] { file.add("\(name).\(part)", [channels]) }
    }
    func residual(_ name: String, _ inputs: Int, _ outputs: Int) {
      linear("\(name).temb_proj.1", 4 * width, outputs)
      convolution("\(name).conv1", inputs, outputs)
      normalization("\(name).bn1", outputs)
      convolution("\(name).conv2", outputs, outputs)
      normalization("\(name).bn2", outputs)
      if inputs != outputs { convolution("\(name).shortcut", inputs, outputs, kernel: 1) }
    }
    file.add("time_embedding.timembedding.0.weight", [rows, width])
    linear("time_embedding.timembedding.1", width, 4 * width)
    linear("time_embedding.timembedding.3", 4 * width, 4 * width)
    convolution("conv", 3, width)
    normalization("bn", width)
    convolution("conv_identity", width, width)
    normalization("bn_identity", width)
    var (skips, channels, index) = ([width], width, 0)
    for (level, multiplier) in multipliers.enumerated() {
      for _ in 0..<2 {
        residual("downblocks.\(index)", channels, width * multiplier)
        channels = width * multiplier
        skips.append(channels)
        index += 1
      }
      if level + 1 < multipliers.count {
        convolution("downblocks.\(index).conv", channels, channels)
        normalization("downblocks.\(index).bn", channels)
        skips.append(channels)
        index += 1
      }
    }
    for block in 0..<2 { residual("middleblocks.\(block)", channels, channels) }
    index = 0
    for (level, multiplier) in multipliers.enumerated().reversed() {
      for _ in 0..<3 {
        residual("upblocks.\(index)", channels + skips.removeLast(), width * multiplier)
        channels = width * multiplier
        index += 1
      }
      if level > 0 {
        convolution("upblocks.\(index).conv", channels, channels)
        normalization("upblocks.\(index).bn", channels)
        index += 1
      }
    }
    normalization("tail_bn", channels)
    convolution("tail_conv", channels, 3)
    file.add("T_output_layer.weight", [3, 3, 3, 3, 1])
    file.add("T_output_layer.bias", [3])
    normalization("last_bn", 3)
    return file
  }

  private func load(
    _ file: TensorFile, shape: [Int], settings: [String] = [], zeros: Bool = false
  ) throws -> Checkpoint {
    let folder = try TemporaryFolder(), path = "\(folder.path)/model.safetensors"
    try zeros ? file.writeZeros(path) : file.write(path)
    return try Checkpoint.load(path: path, architecture: ArchitectureOptions(sampleShape: shape, settings: settings))
  }

  @Test func `the network of the paper has its parameters and neurons`() throws {
    let file = Self.tensors(width: 128, multipliers: [1, 2, 2, 4], rows: 1000)
    // Published files hold 455: one counter, num_batches_tracked, for each of 54 normalizations besides.
    #expect(file.entries.count + file.entries.keys.filter { $0.hasSuffix("running_var") }.count == 455)
    let checkpoint = try load(file, shape: [3, 32, 32], zeros: true)
    // 63.61 times 2^20, as published.
    #expect(checkpoint.description.contains("sddpm of 66696413 parameters"))
    #expect(checkpoint.graph.spikingNeurons == 3_416_064)
    #expect(checkpoint.graph.spikingSteps == 4)
    #expect(checkpoint.graph[checkpoint.graph.output].shape == Shape(channels: 3, height: 32, width: 32))
    #expect(
      checkpoint.graph[checkpoint.graph.output].operation
        == .spiking(.weightedSum([0.8 * 0.8 * 0.8, 0.64, 0.8, 1].map { Float($0) })))
    #expect(checkpoint.schedule.trainingSteps == 1000)
  }

  @Test func `SDM's factors give the number of steps and stay outside of the folded normalization`() throws {
    let file = Self.tensors(width: 4, multipliers: [1, 2], rows: 10, factors: 8)
    let graph = try load(file, shape: [8, 8], settings: ["threshold=0.998"]).graph
    #expect(graph.spikingSteps == 8)
    #expect(graph.nodes.contains { $0.operation == .spiking(.integrateAndFire(threshold: 0.998)) })
    let factors = graph.nodes.filter { if case .spiking(.stepFactors) = $0.operation { true } else { false } }
    #expect(factors.count == file.entries.keys.filter { $0.hasSuffix(".tsmp") }.count)
    let normalized = try #require(graph.nodes.first { $0.name == "downblocks.0.bn1" })
    #expect(normalized.operation == .add)
    #expect(graph[normalized.inputs[0]].name == "downblocks.0.conv1.tsmp")
  }

  @Test func `batch normalizations are folded into the convolutions in front`() throws {
    var file = Self.tensors(width: 4, multipliers: [1, 2], rows: 10)
    file.entries["bn.weight"]?.offset = 3
    file.entries["bn.bias"]?.offset = 0.5
    file.entries["bn.running_mean"]?.offset = 2
    file.entries["bn.running_var"]?.offset = 4 - 1e-5
    file.entries["conv.weight"]?.offset = 1
    file.entries["conv.bias"]?.offset = 6
    let graph = try load(file, shape: [8, 8], settings: ["steps=2"]).graph
    // 3 / sqrt(4) times the weights; 0.5 + 1.5 * (6 - 2).
    #expect(try #require(graph.parameters["conv.weight"]).values.allSatisfy { abs($0 - 1.5) < 1e-6 })
    #expect(try #require(graph.parameters["conv.bias"]).values.allSatisfy { abs($0 - 6.5) < 1e-5 })
    #expect(graph.spikingSteps == 2)
  }

  @Test func `fewer steps than there are factors take the first of them, more are refused`() throws {
    let file = Self.tensors(width: 4, multipliers: [1, 2], rows: 10, factors: 8)
    let graph = try load(file, shape: [8, 8], settings: ["steps=3"]).graph
    #expect(graph.spikingSteps == 3)
    #expect(try #require(graph.parameters["conv.tsmp"]).shape == [3])
    #expect { try load(file, shape: [8, 8], settings: ["steps=9"]) } throws: {
      "\($0)".contains("factors of 8 spiking steps, 9 were asked for")
    }
  }

  @Test func `factors of another number of steps are refused`() throws {
    var file = Self.tensors(width: 4, multipliers: [1, 2], rows: 10, factors: 8)
    file.add("tail_conv.tsmp", [4, 1, 1, 1, 1])
    #expect { try load(file, shape: [8, 8]) } throws: {
      "\($0)".contains("'tail_conv.tsmp' has shape [4, 1, 1, 1, 1], expected [8")
    }
    for (steps, expected) in [(0, "expected dimensions of 1 to"), (2000, "expected 1 to 1024")] {
      var file = Self.tensors(width: 4, multipliers: [1, 2], rows: 10, factors: 1)
      for name in file.entries.keys where name.hasSuffix(".tsmp") { file.add(name, [steps, 1, 1, 1, 1]) }
      #expect { try load(file, shape: [8, 8]) } throws: { "\($0)".contains(expected) }
    }
  }
}

import DriftGraph
import Foundation

/// Builds the spiking U-Net of SDDPM and, with factors for each step, of SDM. Batch normalizations become part of the convolutions in front.
struct SpikingUNetBuilder {
  /// A value on its way through the network.
  typealias Value = GraphBuilder.Value

  private let tree: KeyTree
  private var base: GraphBuilder
  private let steps: Int
  /// Steps that the checkpoint has factors for.
  private let factors: Int?
  private let threshold: Float
  private var time = Value(node: NodeID(0), channels: 0)

  static func network(
    _ view: TensorView, _ settings: inout FamilySettings, size: (height: Int, width: Int), channels: Int?
  ) throws(ImportError) -> FamilyNetwork {
    let factors = view.names.filter { $0.hasSuffix(".tsmp") }.min().flatMap { view.shape(of: $0)?.first }
    if let factors, !(1...SpikingOperation.mostSteps).contains(factors) {
      throw ImportError(view.path, "has factors of \(factors) steps, expected 1 to \(SpikingOperation.mostSteps)")
    }
    var steps = factors ?? 4
    if factors == nil || settings.isGiven("steps") {
      steps = try settings.integer("steps", in: 1...SpikingOperation.mostSteps, default: steps)
    }
    if let factors, steps > factors {
      throw ImportError(view.path, "has factors of \(factors) spiking steps, \(steps) were asked for; ask for \(factors) at most")
    }
    var threshold = try settings.positive("threshold", default: 1)
    if settings.isGiven("threshold_factor") {
      threshold *= try settings.number("threshold_factor", in: SpikingOperation.thresholdFactors, default: 1)
    }
    var builder = SpikingUNetBuilder(
      tree: KeyTree(view.names), base: GraphBuilder(view, architecture: "a network of the family \(Family.sddpm.rawValue)"),
      steps: steps, factors: factors, threshold: threshold)
    let widths = try builder.build(size, channels)
    let graph = try builder.base.finished()
    let kind = factors == nil ? "" : " with factors of their own"
    return FamilyNetwork(
      graph: graph,
      summary:
        "channels \(widths.map(String.init).joined(separator: ", ")), \(graph.spikingNeurons) integrate-and-fire neurons, \(steps) steps\(kind)"
    )
  }

  private init(tree: KeyTree, base: GraphBuilder, steps: Int, factors: Int?, threshold: Float) {
    self.tree = tree
    self.base = base
    self.steps = steps
    self.factors = factors
    self.threshold = threshold
  }

  /// The whole network; returns the widths of its levels.
  private mutating func build(_ size: (height: Int, width: Int), _ given: Int?) throws(ImportError) -> [Int] {
    let stem = tree.has("conv.tsmconv") ? "conv.tsmconv.weight" : "conv.weight"
    let shape = base.source.shape(of: stem) ?? []
    guard shape.count == 4, shape.allSatisfy({ (1...65_536).contains($0) }), given == nil || given == shape[1] else {
      throw ImportError(base.source.path, "'\(stem)' has shape \(shape), expected [outputs, \(given ?? 3), 3, 3]")
    }
    let sample = try base.append(.sample, [], "sample", shape: Shape(channels: shape[1], height: size.height, width: size.width))
    time = try timeEmbedding()
    var x = Value(node: sample, channels: shape[1])
    x.node = try base.append(.spiking(.repeated(steps: steps)), [sample], "repeat")
    x = try convolution(x, "conv", outputs: shape[0], normalized: "bn")
    x = try convolution(try fire(x, "neuron"), "conv_identity", outputs: shape[0], normalized: "bn_identity")
    var skips = [x]
    var widths: [Int] = []
    for index in tree.numbers(in: "downblocks") {
      let name = "downblocks.\(index)"
      if tree.has("\(name).conv") {
        widths.append(x.channels)
        x = try convolution(try fire(x, "\(name).neuron"), "\(name).conv", outputs: x.channels, stride: 2, normalized: "\(name).bn")
      } else {
        x = try residual(x, name)
      }
      skips.append(x)
    }
    widths.append(x.channels)
    for index in tree.numbers(in: "middleblocks") { x = try residual(x, "middleblocks.\(index)") }
    for index in tree.numbers(in: "upblocks") {
      let name = "upblocks.\(index)"
      if tree.has("\(name).conv") {
        let enlarged = try base.moved(try fire(x, "\(name).neuron"), .upsampleNearest, "\(name).upsample")
        x = try convolution(enlarged, "\(name).conv", outputs: x.channels, normalized: "\(name).bn")
      } else {
        guard let skip = skips.popLast() else {
          throw ImportError(
            base.source.path, "has more blocks on the way up than on the way down: '\(name)' has none to be joined with")
        }
        x = try residual(try base.concatenate(x, skip, "\(name).concatenate"), name)
      }
    }
    guard skips.isEmpty else {
      throw ImportError(base.source.path, "has \(skips.count) blocks fewer on the way up than on the way down")
    }
    try tail(x, channels: shape[1])
    return widths
  }

  /// The answer: each step's picture plus what a convolution of it adds, then the steps summed, later ones with more weight.
  private mutating func tail(_ x: Value, channels: Int) throws(ImportError) {
    var x = try base.batchNormalization(x, "tail_bn")
    x = try base.activation(x, .silu, "tail.activation")
    x = try convolution(x, "tail_conv", outputs: channels)
    let name = "T_output_layer"
    // The kernel spans pictures, not steps.
    let weight = try base.values("\(name).weight", shape: [channels, channels, 3, 3, 1])
    let bias = try base.values("\(name).bias", shape: [channels])
    let affine = try base.batchNormalization("last_bn", channels: channels)
    var change = try folded(x, name, weight, bias, affine, shape: [channels, channels, 3, 3], stride: 1)
    change = try base.activation(change, .silu, "\(name).activation")
    let sum = try base.add(x, change, "\(name).add")
    let weights = (0..<steps).map { Float(pow(0.8, Double(steps - 1 - $0))) }
    _ = try base.append(.spiking(.weightedSum(weights)), [sum.node], "sum_steps")
  }

  private mutating func timeEmbedding() throws(ImportError) -> Value {
    let name = "time_embedding.timembedding"
    let row = try base.timestepTable("\(name).0.weight")
    let width = base.outputs("\(name).1") ?? 4 * row.channels
    let hidden = try base.activation(try base.linear(row, "\(name).1", outputs: width), .silu, "\(name).2")
    return try base.linear(hidden, "\(name).3", outputs: width)
  }

  /// Spikes, a convolution, spikes, a convolution; the shortcut carries the values themselves.
  private mutating func residual(_ x: Value, _ name: String) throws(ImportError) -> Value {
    let conv1 = "\(name).conv1"
    let outputs = base.outputs(tree.has("\(conv1).tsmconv") ? "\(conv1).tsmconv" : conv1) ?? x.channels
    var hidden = try convolution(try fire(x, "\(name).neuron1"), conv1, outputs: outputs, normalized: "\(name).bn1")
    let shift = try base.linear(try base.activation(time, .silu, "\(name).temb_proj.0"), "\(name).temb_proj.1", outputs: outputs)
    hidden = try base.add(hidden, shift, "\(name).add_time")
    hidden = try convolution(
      try fire(hidden, "\(name).neuron2"), "\(name).conv2", outputs: outputs, normalized: "\(name).bn2")
    let hasShortcut = tree.has("\(name).shortcut") || x.channels != outputs
    let shortcut = hasShortcut ? try convolution(x, "\(name).shortcut", outputs: outputs, kernel: 1) : x
    return try base.add(hidden, shortcut, "\(name).add")
  }

  private mutating func fire(_ x: Value, _ name: String) throws(ImportError) -> Value {
    try base.moved(x, .spiking(.integrateAndFire(threshold: threshold)), name)
  }

  /// A convolution, each step's result times its factor if the checkpoint has them, then the normalization behind it.
  private mutating func convolution(
    _ x: Value, _ name: String, outputs: Int, kernel: Int = 3, stride: Int = 1, normalized: String? = nil
  ) throws(ImportError) -> Value {
    let hasFactors = tree.has("\(name).tsmconv")
    let layer = hasFactors ? "\(name).tsmconv" : name
    let shape = [outputs, x.channels, kernel, kernel]
    let weight = try base.values("\(layer).weight", shape: shape), bias = try base.values("\(layer).bias", shape: [outputs])
    let affine: (factor: [Float], shift: [Float])? =
      if let normalized { try base.batchNormalization(normalized, channels: outputs) } else { nil }
    guard hasFactors else { return try folded(x, name, weight, bias, affine, shape: shape, stride: stride) }

    // f * (p * (W x + b)) + s = p * (f W x + f b) + s: the shift stays outside of the factors.
    let inner = try folded(x, name, weight, bias, affine.map { ($0.factor, []) }, shape: shape, stride: stride)
    guard let all = try base.values("\(name).tsmp", shape: [factors ?? steps, 1, 1, 1, 1]) else { return inner }
    let key = base.constant("\(name).tsmp", [steps], Array(all.values.prefix(steps)))
    let scaled = try base.moved(inner, .spiking(.stepFactors(key)), "\(name).tsmp")
    guard let normalized, let affine else { return scaled }
    let shift = base.constant("\(normalized).shift", [outputs, 1, 1], affine.shift)
    let vector = try base.append(.parameter(shift), [], "\(normalized).shift")
    return try base.add(scaled, Value(node: vector, channels: outputs), normalized)
  }

  /// A convolution with a factor and a shift for each output; without shifts these are left out.
  private mutating func folded(
    _ x: Value, _ name: String, _ weight: Parameter?, _ bias: Parameter?, _ affine: (factor: [Float], shift: [Float])?,
    shape: [Int],
    stride: Int
  ) throws(ImportError) -> Value {
    var result = Value(node: x.node, channels: shape[0])
    guard var weights = weight?.values, var biases = bias?.values else { return result }
    if let affine {
      let row = weights.count / shape[0]
      weights.withUnsafeMutableBufferPointer { values in
        for output in 0..<shape[0] {
          let factor = affine.factor[output]
          for index in output * row..<(output + 1) * row { values[index] *= factor }
        }
      }
      for output in biases.indices {
        biases[output] = biases[output] * affine.factor[output] + (affine.shift.isEmpty ? 0 : affine.shift[output])
      }
    }
    let key = base.constant("\(name).weight", shape, weights), biasKey = base.constant("\(name).bias", [shape[0]], biases)
    let padding = shape[3] / 2
    let convolution = Convolution(
      weight: key, bias: biasKey, kernel: shape[3], stride: stride, padTop: padding, padLeft: padding, padBottom: padding,
      padRight: padding)
    result.node = try base.append(.convolution(convolution), [x.node], name)
    return result
  }
}

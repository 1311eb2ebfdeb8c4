import DriftGraph

/// One node about to be computed: its operands, its result's place and scratch memory.
struct KernelCall {
  let graph: Graph
  let node: Node
  let inputs: Inputs
  /// Operands in the order of `node.inputs`; nil beyond the node's count.
  let a: UnsafePointer<Float>?
  let b: UnsafePointer<Float>?
  let c: UnsafePointer<Float>?
  let out: UnsafeMutablePointer<Float>
  let workspace: Workspace
  let id: NodeID

  /// Shape of an operand.
  func shape(_ operand: Int) -> Shape { graph[node.inputs[operand]].shape }

  /// The values of a parameter; the graph was checked to have it when the node was appended.
  func parameter(_ name: String) -> [Float] { graph.parameters[name]?.values ?? [] }

  func run() {
    switch (node.operation, a, b, c) {
    case (.sample, _, _, _):
      if let base = inputs.sample.baseAddress { out.update(from: base, count: inputs.sample.count) }
    case (.timestep, _, _, _):
      out[0] = inputs.timestep
    case (.classLabel, _, _, _):
      out[0] = Float(inputs.classLabel ?? 0)
    case (.parameter(let key), _, _, _):
      out.update(from: parameter(key), count: node.shape.count)
    case (.stepFunction(let name), _, _, _):
      stepFunction(name)
    case (.sinusoidalEmbedding(let dimension, let shift, let cosineFirst, let period), let a?, _, _):
      sinusoidalEmbedding(a[0], dimension, shift, cosineFirst, period)
    case (.fourierEmbedding(let weight, let logarithm, let cosineFirst), let a?, _, _):
      fourierEmbedding(a[0], parameter(weight), logarithm, cosineFirst)
    case (.embedding(let table), let a?, _, _):
      embeddingRow(Int(a[0]), parameter(table))
    case (.convolution(let convolution), let a?, _, _):
      convolve(a, convolution)
    case (.depthwise(let convolution), let a?, _, _):
      convolveDepthwise(a, convolution)
    case (.transposedConvolution(let convolution), let a?, _, _):
      convolveTransposed(a, convolution)
    case (.layerNormalization(let epsilon, let gamma, let beta), let a?, _, _):
      normalizePixels(a, epsilon, gamma.map(parameter), beta.map(parameter), isCentered: true)
    case (.rootMeanSquareNormalization(let epsilon, let gamma), let a?, _, _):
      normalizePixels(a, epsilon, gamma.map(parameter), nil, isCentered: false)
    case (.nearestCode(let table), let a?, _, _):
      chooseCodes(a, parameter(table))
    case (.groupNormalization(let groups, let epsilon, let gamma, let beta), let a?, _, _):
      normalize(a, groups, epsilon, parameter(gamma), parameter(beta))
    case (.activation(let activation), let a?, _, _):
      activate(a, activation)
    case (.quantizedActivation(let range, let levels), let a?, _, _):
      for i in 0..<node.shape.count {
        out[i] = (min(max(a[i] / range, 0), 1) * Float(levels)).rounded(.toNearestOrEven) * (range / Float(levels))
      }
    case (.spiking(let operation), let a?, _, _):
      spike(a, operation)
    case (.add, let a?, let b?, _):
      combine(a, b, +)
    case (.multiply, let a?, let b?, _):
      combine(a, b, *)
    case (.scale(let factor), let a?, _, _):
      for i in 0..<node.shape.count { out[i] = a[i] * factor }
    case (.reciprocal, let a?, _, _):
      for i in 0..<node.shape.count { out[i] = 1 / a[i] }
    case (.modulate, let a?, let b?, _):
      modulate(a, by: b)
    case (.channelSlice(let first, _), let a?, _, _):
      out.update(from: a + first * node.shape.pixels, count: node.shape.count)
    case (.reshapePixels, let a?, _, _):
      out.update(from: a, count: node.shape.count)
    case (.concatenatePixels, let a?, let b?, _):
      concatenatePixels(a, b)
    case (.broadcast, let a?, _, _):
      for channel in 0..<node.shape.channels {
        (out + channel * node.shape.pixels).update(repeating: a[channel], count: node.shape.pixels)
      }
    case (.resize(let resize), let a?, _, _):
      self.resize(a, resize)
    case (.crop, let a?, _, _), (.pad, let a?, _, _), (.transposePixels, let a?, _, _), (.depthToSpace, let a?, _, _),
      (.spaceToDepth, let a?, _, _):
      rearrange(a)
    case (.concatenate, let a?, let b?, _):
      let first = shape(0).count
      out.update(from: a, count: first)
      (out + first).update(from: b, count: shape(1).count)
    case (.upsampleNearest, let a?, _, _):
      upsample(a)
    case (.averagePool, let a?, _, _):
      averagePool(a)
    case (.attention(let heads, let factor), let a?, let b?, let c?):
      attend(query: a, key: b, value: c, heads, factor)
    default:
      // The graph refuses nodes with too few inputs, so no other combination exists.
      break
    }
  }
}

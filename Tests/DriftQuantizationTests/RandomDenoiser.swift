import DriftGraph

/// Builds small denoisers with seeded random parameters, one construct at a time.
struct RandomDenoiser {
  var graph: Graph
  private var state: UInt64

  init(seed: UInt64, classes: Int = 0) {
    state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    graph = Graph(classCount: classes)
  }

  /// Uniform in [-1, 1).
  mutating func next() -> Float {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(Int64(state >> 40) - (1 << 23)) / Float(1 << 23)
  }

  mutating func parameter(_ name: String, _ shape: [Int], scale: Float, offset: Float = 0) -> String {
    let values = (0..<shape.reduce(1, *)).map { _ in next() * scale + offset }
    graph.parameters[name] = Parameter(shape: shape, values: values)
    return name
  }

  mutating func sample(_ shape: Shape) throws -> NodeID {
    try graph.append(.sample, name: "sample", shape: shape)
  }

  /// A vector of `channels` values that depends on the timestep, and on the class if the graph has classes.
  mutating func timeVector(_ channels: Int, name: String) throws -> NodeID {
    let timestep = try graph.append(.timestep, name: "\(name).timestep")
    let embedding = Operation.sinusoidalEmbedding(dimension: 8, frequencyShift: 0, cosineFirst: true, maximumPeriod: 10000)
    var vector = try graph.append(embedding, [timestep], name: "\(name).embedding")
    if graph.classCount > 0 {
      let label = try graph.append(.classLabel, name: "\(name).label")
      let table = parameter("\(name).classes", [graph.classCount, 8], scale: 1)
      let row = try graph.append(.embedding(table: table), [label], name: "\(name).class")
      vector = try graph.append(.add, [vector, row], name: "\(name).sum")
    }
    return try convolution(vector, channels, kernel: 1, name: "\(name).projection")
  }

  mutating func convolution(
    _ input: NodeID, _ outputs: Int, kernel: Int = 3, stride: Int = 1, name: String
  ) throws -> NodeID {
    let inputs = graph[input].shape.channels
    let scale = 1.7 / Float(inputs * kernel * kernel).squareRoot()
    let weight = parameter("\(name).weight", [outputs, inputs, kernel, kernel], scale: scale)
    let bias = parameter("\(name).bias", [outputs], scale: 0.2)
    let pad = kernel / 2
    return try graph.append(
      .convolution(
        Convolution(
          weight: weight, bias: bias, kernel: kernel, stride: stride, padTop: pad, padLeft: pad, padBottom: pad, padRight: pad)),
      [input], name: name)
  }

  mutating func depthwise(_ input: NodeID, kernel: Int = 3, stride: Int = 1, name: String) throws -> NodeID {
    let channels = graph[input].shape.channels
    let weight = parameter("\(name).weight", [channels, 1, kernel, kernel], scale: 1.7 / Float(kernel))
    let bias = parameter("\(name).bias", [channels], scale: 0.2)
    let pad = kernel / 2
    return try graph.append(
      .depthwise(
        Convolution(
          weight: weight, bias: bias, kernel: kernel, stride: stride, padTop: pad, padLeft: pad, padBottom: pad, padRight: pad)),
      [input], name: name)
  }

  mutating func normalization(_ input: NodeID, groups: Int = 4, name: String) throws -> NodeID {
    let channels = graph[input].shape.channels
    let gamma = parameter("\(name).gamma", [channels], scale: 0.3, offset: 1)
    let beta = parameter("\(name).beta", [channels], scale: 0.3)
    return try graph.append(.groupNormalization(groups: groups, epsilon: 1e-5, gamma: gamma, beta: beta), [input], name: name)
  }

  mutating func append(_ operation: Operation, _ inputs: NodeID..., name: String) throws -> NodeID {
    try graph.append(operation, inputs, name: name)
  }

  /// The checkpoint around the graph: linear betas, as DDPM.
  func checkpoint(nullClass: Int? = nil) -> Checkpoint {
    var alphaBar: [Double] = []
    var product = 1.0
    for t in 0..<1000 {
      product *= 1 - (1e-4 + (0.02 - 1e-4) * Double(t) / 999)
      alphaBar.append(product)
    }
    return Checkpoint(
      graph: graph, schedule: NoiseSchedule(alphaBar: alphaBar), nullClass: nullClass, description: "random")
  }
}

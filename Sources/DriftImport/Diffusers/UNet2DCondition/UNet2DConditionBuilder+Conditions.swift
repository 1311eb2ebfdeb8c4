import DriftGraph

extension UNet2DConditionBuilder {
  /// Timestep, class and what is added to them as one vector; the context's tokens.
  mutating func buildConditions() throws(ImportError) {
    let blocks = configuration.downBlocks + configuration.upBlocks
    let levelsRead = blocks.contains { $0.usesContext } || [.transformer, .joint].contains(configuration.midAttention)
    var text: Value?
    if case .text = configuration.addition { text = try contextInput() } else if levelsRead { text = try contextInput() }
    embedding = try timeEmbedding(text)
    activatedEmbedding = try base.activation(embedding, configuration.activation, "time_embedding.activation")
    guard levelsRead, let text else { return }
    context = configuration.projectsContext ? try base.linear(text, "encoder_hid_proj", outputs: configuration.crossWidth) : text
  }

  private mutating func contextInput() throws(ImportError) -> Value {
    guard (1...65_536).contains(options.contextLength) else {
      throw ImportError(configuration.path, "the context has \(options.contextLength) tokens, expected 1 to 65536")
    }
    return try input("encoder_hidden_states", Shape(channels: configuration.contextWidth, width: options.contextLength))
  }

  private mutating func timeEmbedding(_ text: Value?) throws(ImportError) -> Value {
    let dimension = configuration.timeEmbeddingDimension
    let timestep = try base.append(.timestep, [], "timestep")
    var vector = try sinesAndCosines(timestep, "time_proj")
    if let width = configuration.timeConditionWidth {
      let condition = try input("timestep_cond", Shape(channels: width))
      let projected = try base.linear(condition, "time_embedding.cond_proj", outputs: vector.channels, bias: false)
      vector = try base.add(vector, projected, "time_embedding.add_condition")
    }
    vector = try base.embeddingPerceptron(vector, "time_embedding", inner: dimension, outputs: dimension, configuration.activation)
    if let function = configuration.timePostActivation { vector = try base.activation(vector, function, "time_embedding.post_act") }
    if let kind = configuration.classEmbedding {
      let label = try classEmbedding(kind)
      vector =
        configuration.joinsClass
        ? try base.concatenate(vector, label, "time_embedding.join_class")
        : try base.add(vector, label, "time_embedding.add_class")
    }
    switch (configuration.addition, text) {
    case (.text(let heads), let text?): vector = try base.add(vector, try pooled(text, heads: heads), "time_embedding.add_text")
    case (.textAndTime(let width, let inputs), _):
      let added = try textAndTime(width: width, inputs: inputs)
      vector = try base.add(vector, added, "time_embedding.add_text_and_time")
    default: break
    }
    if let function = configuration.timeActivation { vector = try base.activation(vector, function, "time_embed_act") }
    return vector
  }

  /// Sines and cosines of the timestep or of what takes its way.
  private mutating func sinesAndCosines(_ number: NodeID, _ name: String) throws(ImportError) -> Value {
    switch configuration.timeEmbedding {
    case .positional: return try positional(number, name, width: configuration.blockChannels[0])
    case .fourier:
      let count = configuration.timeEmbeddingDimension / 2
      let weight = try base.tensor("time_proj.weight", shape: [count])
      let operation = Operation.fourierEmbedding(weight: weight, logarithm: false, cosineFirst: configuration.cosineFirst)
      return Value(node: try base.append(operation, [number], name), channels: 2 * count)
    }
  }

  private mutating func positional(_ number: NodeID, _ name: String, width: Int) throws(ImportError) -> Value {
    let operation = Operation.sinusoidalEmbedding(
      dimension: width, frequencyShift: configuration.frequencyShift, cosineFirst: configuration.cosineFirst, maximumPeriod: 10_000)
    return Value(node: try base.append(operation, [number], name), channels: width)
  }

  private mutating func classEmbedding(_ kind: UNet2DConditionConfiguration.ClassEmbedding) throws(ImportError) -> Value {
    let (name, dimension) = ("class_embedding", configuration.timeEmbeddingDimension)
    switch kind {
    case .table(let rows):
      let label = try base.append(.classLabel, [], "class_label")
      let table = try base.tensor("\(name).weight", shape: [rows, dimension])
      return Value(node: try base.append(.embedding(table: table), [label], name), channels: dimension)
    case .timestep:
      let label = try base.append(.classLabel, [], "class_label")
      let vector = try sinesAndCosines(label, "class_proj")
      return try base.embeddingPerceptron(vector, name, inner: dimension, outputs: dimension, configuration.activation)
    case .identity:
      return try input("class_labels", Shape(channels: dimension))
    case .projection(let width):
      let vector = try input("class_labels", Shape(channels: width))
      return try base.embeddingPerceptron(vector, name, inner: dimension, outputs: dimension, .silu)
    case .simpleProjection(let width):
      return try base.linear(try input("class_labels", Shape(channels: width)), name, outputs: dimension)
    }
  }

  /// A pooled text embedding, and sizes and crops as sines and cosines, through two layers (Podell et al. 2023, section 2.2).
  private mutating func textAndTime(width: Int, inputs: Int) throws(ImportError) -> Value {
    let dimension = configuration.timeEmbeddingDimension
    let count = try timeIdentifiers(width: width, inputs: inputs)
    var vector = try input("text_embeds", Shape(channels: inputs - count * width))
    let identifiers = try input("time_ids", Shape(channels: count))
    for index in 0..<count {
      let number = try base.append(.channelSlice(first: index, count: 1), [identifiers.node], "time_ids.\(index)")
      let embedded = try positional(number, "add_time_proj.\(index)", width: width)
      vector = try base.concatenate(vector, embedded, "add_embedding.join.\(index)")
    }
    return try base.embeddingPerceptron(vector, "add_embedding", inner: dimension, outputs: dimension, .silu)
  }

  /// How many sizes and crops there are. The configuration only says how long they are together with the text embedding, so that its
  /// length must be known: 1280 as of Stable Diffusion XL's text encoder if that fits, else what remains after six.
  private func timeIdentifiers(width: Int, inputs: Int) throws(ImportError) -> Int {
    let guess = options.textWidth ?? (inputs > 1280 && (inputs - 1280) % width == 0 ? 1280 : inputs - 6 * width)
    let rest = inputs - guess
    guard guess > 0, rest > 0, rest % width == 0, rest / width <= 64 else {
      throw ImportError(
        configuration.path,
        "'projection_class_embeddings_input_dim' is \(inputs), which a text embedding of \(guess) values and 1 to 64 embeddings of \(width) do not make"
      )
    }
    return rest / width
  }

  /// The tokens' mean attends to itself and all tokens (diffusers' `TextTimeEmbedding`).
  private mutating func pooled(_ text: Value, heads: Int) throws(ImportError) -> Value {
    let (name, width, count) = ("add_embedding", text.channels, options.contextLength)
    let tokens = try base.layerNormalization(text, "\(name).norm1", epsilon: 1e-5)
    let weight = base.constant(
      "\(name).mean.weight", [width, 1, 1, count], [Float](repeating: 1 / Float(count), count: width * count))
    let position = try base.tensor("\(name).pool.positional_embedding", shape: [1, width], as: [width])
    let mean = try base.append(
      .depthwise(Convolution(weight: weight, bias: position, length: count)), [tokens.node], "\(name).mean")
    let all = Value(node: try base.append(.concatenatePixels, [mean, tokens.node], "\(name).join"), channels: width)
    let query = try base.linear(Value(node: mean, channels: width), "\(name).pool.q_proj", outputs: width)
    let key = try base.linear(all, "\(name).pool.k_proj", outputs: width)
    let value = try base.linear(all, "\(name).pool.v_proj", outputs: width)
    let mixed = try base.mixed(query, key, value, "\(name).pool.attention", heads: heads)
    let projected = try base.linear(mixed, "\(name).proj", outputs: configuration.timeEmbeddingDimension)
    return try base.layerNormalization(projected, "\(name).norm2", epsilon: 1e-5)
  }
}

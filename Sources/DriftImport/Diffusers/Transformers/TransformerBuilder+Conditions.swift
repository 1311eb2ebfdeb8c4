import DriftGraph

extension TransformerBuilder {
  /// The label that means "no class" in a graph made here: the row after the last class.
  static func nullClass(of graph: Graph) -> Int? {
    graph.parameters["transformer_blocks.0.norm1.emb.class_embedder.embedding_table.weight"].map { $0.shape[0] - 1 }
  }

  /// Timestep and class as one vector: diffusers' `CombinedTimestepLabelEmbeddings`.
  mutating func classEmbedding(_ name: String) throws(ImportError) -> Value {
    let time = try timeEmbedding(name, shift: 1)
    let label = try base.append(.classLabel, [], "\(name).class_label")
    // The row after the last class stands for none.
    let table = try base.tensor(
      "\(name).class_embedder.embedding_table.weight", shape: [base.graph.classCount, configuration.inner])
    let row = try base.append(.embedding(table: table), [label], "\(name).class_embedder")
    return try base.add(time, Value(node: row, channels: configuration.inner), "\(name).add")
  }

  /// The embedding that all layers of PixArt share: diffusers' `AdaLayerNormSingle`.
  mutating func buildSharedEmbedding() throws(ImportError) {
    guard configuration.normalization == .single else { return }
    let (inner, name) = (configuration.inner, "adaln_single")
    let embedding = try timeEmbedding("\(name).emb", shift: 0)
    let active = try base.activation(embedding, .silu, "\(name).silu")
    shared = try base.projection(
      active, "\(name).linear.ordered", of: "\(name).linear", total: 6 * inner, rows: Self.order(inner))
    sharedEmbedding = embedding
  }

  private mutating func timeEmbedding(_ name: String, shift: Float) throws(ImportError) -> Value {
    let operation = Operation.sinusoidalEmbedding(
      dimension: 256, frequencyShift: shift, cosineFirst: true, maximumPeriod: 10_000)
    let waves = Value(node: try base.append(operation, [timestep], "\(name).time_proj"), channels: 256)
    let inner = configuration.inner
    return try base.embeddingPerceptron(waves, "\(name).timestep_embedder", inner: inner, outputs: inner, .silu)
  }

  /// Scale and shift of the last normalization.
  mutating func finalModulation() throws(ImportError) -> Value {
    let inner = configuration.inner
    // Both come as shift, then scale.
    let order = Array(inner..<2 * inner) + Array(0..<inner)
    guard let sharedEmbedding else {
      // The first layer's embedding, once more.
      let embedding = try classEmbedding("transformer_blocks.0.norm1.emb")
      let active = try base.activation(embedding, .silu, "proj_out_1.silu")
      return try base.projection(active, "proj_out_1.ordered", of: "proj_out_1", total: 2 * inner, rows: order)
    }
    let key = try base.tensor("scale_shift_table", shape: [2, inner], storedAs: "scale_shift_table.ordered") { found in
      Parameter(shape: [2 * inner, 1, 1], values: order.map { found.values[$0] })
    }
    let table = try base.append(.parameter(key), [], "scale_shift_table")
    let twice = try base.concatenate(sharedEmbedding, sharedEmbedding, "scale_shift_table.embedding")
    return try base.add(twice, Value(node: table, channels: 2 * inner), "scale_shift")
  }
}

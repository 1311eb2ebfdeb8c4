import DriftGraph

extension GraphBuilder {
  /// ReLU that is clipped at a trained range, `act_alpha`, and rounded to levels.
  mutating func quantizedActivation(_ x: Value, _ name: String, levels: Int) throws(ImportError) -> Value {
    let key = "\(name).act_alpha"
    // A scalar, which some versions hold as a vector of one value.
    guard let range = try values(key, shape: source.shape(of: key) == [1] ? [1] : [])?.values.first else { return x }
    guard range > 0 else { throw ImportError(source.path, "'\(key)' is \(range), expected a number above 0") }
    return Value(node: try append(.quantizedActivation(range: range, levels: levels), [x.node], name), channels: x.channels)
  }

  /// What a batch normalization does to each channel after training: x * factor + shift. Nil once a tensor was found wrong.
  mutating func batchNormalization(_ name: String, channels: Int) throws(ImportError) -> (factor: [Float], shift: [Float])? {
    ignore { $0 == "\(name).num_batches_tracked" }
    let gamma = try values("\(name).weight", shape: [channels]), beta = try values("\(name).bias", shape: [channels])
    let mean = try values("\(name).running_mean", shape: [channels]),
      variance = try values("\(name).running_var", shape: [channels])
    guard let gamma, let beta, let mean, let variance else { return nil }
    guard variance.values.allSatisfy({ $0 >= 0 }) else {
      throw ImportError(source.path, "'\(name).running_var' has values below 0, which no variance has")
    }
    let factor = zip(gamma.values, variance.values).map { Double($0) / (Double($1) + 1e-5).squareRoot() }
    let shift = (0..<channels).map { Double(beta.values[$0]) - Double(mean.values[$0]) * factor[$0] }
    return (factor.map { Float($0) }, shift.map { Float($0) })
  }

  /// A batch normalization by itself, as a convolution of each channel with one weight.
  mutating func batchNormalization(_ x: Value, _ name: String) throws(ImportError) -> Value {
    guard let (factor, shift) = try batchNormalization(name, channels: x.channels) else { return x }
    let weight = constant("\(name).factor", [x.channels, 1, 1, 1], factor), bias = constant("\(name).shift", [x.channels], shift)
    return Value(node: try append(.depthwise(Convolution(weight: weight, bias: bias)), [x.node], name), channels: x.channels)
  }
}

import DriftGraph

extension FeatureModel {
  /// Reads a folder with `config.json` (a list of layers), `model.safetensors`, `mean.npy` and `covariance.npy`.
  ///
  /// A layer is a `convolution` (`kernel`, `stride`, `padding`) or `linear` (over all values of its input, channels first), and may be
  /// followed by an `activation`. Its tensors are called `name.weight` and `name.bias`. `features` names the layer whose result they are.
  public static func load(path: String) throws(ImportError) -> FeatureModel {
    var reader = try ConfigReader(file: "\(path)/config.json")
    guard let shape = try reader.optionalIntegers("picture_shape", in: 1...16_384), shape.count == 3 else {
      throw reader.wrong("picture_shape", expected: "[channels, height, width]")
    }
    guard let range = try reader.optionalNumbers("data_range"), range.count == 2, Float(range[0]) < Float(range[1]) else {
      throw reader.wrong("data_range", expected: "two ascending numbers, black and white")
    }
    let featuresName = try reader.string("features")
    let layers = try reader.objects("layers")
    try reader.refuseOthers(in: "the keys of a feature network")

    let weights = try SafetensorsFile("\(path)/model.safetensors")
    var graph = Graph()
    var features: NodeID?
    do {
      var x = try graph.append(.sample, name: "picture", shape: Shape(channels: shape[0], height: shape[1], width: shape[2]))
      for layer in layers {
        var layer = layer
        let name = try layer.string("name")
        x = try append(&layer, name, x, weights, to: &graph)
        if name == featuresName { features = x }
      }
    } catch let error as ImportError {
      throw error
    } catch {
      throw ImportError(reader.path, "the layers do not fit together at \(error)")
    }
    guard let features else { throw reader.wrong("features", expected: "the name of a layer") }

    let (mean, covariance) = (try NPYArray.read("\(path)/mean.npy"), try NPYArray.read("\(path)/covariance.npy"))
    let count = graph[features].shape.count
    guard mean.shape == [count] else { throw ImportError("\(path)/mean.npy", "has shape \(mean.shape), expected [\(count)]") }
    guard covariance.shape == [count, count] else {
      throw ImportError("\(path)/covariance.npy", "has shape \(covariance.shape), expected [\(count), \(count)]")
    }
    return FeatureModel(
      graph: graph, features: features, dataRange: Float(range[0])...Float(range[1]), mean: mean.doubles,
      covariance: covariance.doubles)
  }

  /// Appends one layer and its activation.
  private static func append(
    _ layer: inout ConfigReader, _ name: String, _ x: NodeID, _ weights: SafetensorsFile, to graph: inout Graph
  ) throws -> NodeID {
    let input = graph[x].shape
    var weight = try weights.parameter("\(name).weight")
    var convolution = Convolution(weight: "\(name).weight", bias: "\(name).bias")
    switch try layer.string("type") {
    case "convolution":
      convolution.kernelHeight = try layer.integer("kernel", in: 1...64)
      convolution.kernelWidth = convolution.kernelHeight
      convolution.stride = try layer.integer("stride", in: 1...64, default: 1)
      let padding = try layer.integer("padding", in: 0...64, default: 0)
      (convolution.padTop, convolution.padLeft, convolution.padBottom, convolution.padRight) = (padding, padding, padding, padding)
    case "linear":
      // Over a whole picture, channels first, a linear layer is a convolution whose kernel covers it.
      guard input.height == input.width, weight.shape.count == 2, weight.shape[1] == input.count else {
        throw ImportError(
          weights.path, "'\(name).weight' has shape \(weight.shape), expected [outputs, \(input.count)] after a square map")
      }
      (convolution.kernelHeight, convolution.kernelWidth) = (input.width, input.width)
      weight.shape = [weight.shape[0], input.channels, input.height, input.width]
    default: throw layer.wrong("type", expected: "\"convolution\" or \"linear\"")
    }
    graph.parameters[convolution.weight] = weight
    graph.parameters["\(name).bias"] = try weights.parameter("\(name).bias")
    var result = try graph.append(.convolution(convolution), [x], name: name)
    if layer.has("activation") {
      let activation: Activation = try layer.choice("activation")
      result = try graph.append(.activation(activation), [result], name: "\(name).\(activation.rawValue)")
    }
    try layer.refuseOthers(in: "the keys of a layer")
    return result
  }
}

import DriftGraph

extension Checkpoint {
  /// Refuses a checkpoint some of whose inputs have no values yet.
  /// - Throws: an error that says how to give them: `--context FILE.npy`.
  public func requireInputs() throws(ImportError) {
    guard let (name, shape) = graph.openInputs.min(by: { $0.key < $1.key }) else { return }
    let option = Graph.context(of: graph.openInputs) == name ? "--context FILE.npy" : "--context \(name)=FILE.npy"
    throw ImportError(
      description,
      "takes an input '\(name)'; give its values with \(option), float32 \(Graph.layout(shape)), or several with one more axis in front, which --class then chooses from"
    )
  }
}

extension Graph {
  /// The graph with inputs bound, as `Checkpoint.load` says.
  /// - Parameter description: what errors call the model.
  func binding(inputs: [String: NPYArray], of description: String) throws(ImportError) -> Graph {
    var result = self
    for (key, array) in inputs.sorted(by: { $0.key < $1.key }) {
      let open = result.openInputs
      let name = open[key] == nil && key == "context" ? Self.context(of: open) ?? key : key
      guard let shape = open[name] else {
        let known = open.isEmpty ? "takes no inputs beside the sample" : "takes \(open.keys.sorted().joined(separator: ", "))"
        throw ImportError(description, "an input '\(key)' was given, but the model \(known)")
      }
      guard array.floats.allSatisfy(\.isFinite) else {
        throw ImportError(description, "the values given for '\(name)' are not all finite")
      }
      guard array.count > 0 else {
        throw ImportError(description, "the array given for '\(name)' is empty, of shape \(array.shape)")
      }
      guard let values = Self.values(array, shape) else {
        throw ImportError(
          description, "'\(name)' takes \(Self.layout(shape)), with one more axis in front for several prompts; got \(array.shape)")
      }
      if result.classCount == 0, values.count > 1 { result.classCount = values.count }
      do { result = try result.binding(name, to: values) } catch { throw ImportError(description, "\(error)") }
    }
    return result
  }

  /// The input that `context` means.
  fileprivate static func context(of inputs: [String: Shape]) -> String? {
    inputs["encoder_hidden_states"] != nil ? "encoder_hidden_states" : inputs.count == 1 ? inputs.keys.first : nil
  }

  /// Lengths of the axes of one value.
  fileprivate static func layout(_ shape: Shape) -> [Int] {
    if shape.pixels == 1 { return [shape.channels] }
    return shape.height == 1 ? [shape.width, shape.channels] : [shape.channels, shape.height, shape.width]
  }

  /// The values in an array, channels first; nil if it does not fit.
  private static func values(_ array: NPYArray, _ shape: Shape) -> [[Float]]? {
    let axes = layout(shape)
    let isToken = shape.pixels == 1 && array.shape.count >= 2 && array.shape.suffix(2) == [1, shape.channels]
    let single = isToken && array.shape.count == 3 ? [1] + axes : axes
    guard array.shape == single || (array.shape.count == single.count + 1 && Array(array.shape.dropFirst()) == single) else {
      return nil
    }
    let count = array.shape == single ? 1 : array.shape[0]
    let floats = array.floats
    guard floats.count == count * shape.count else { return nil }
    return (0..<count).map { index in
      let value = Array(floats[index * shape.count..<(index + 1) * shape.count])
      guard axes.count == 2 else { return value }
      return (0..<shape.channels).flatMap { channel in (0..<shape.width).map { value[$0 * shape.channels + channel] } }
    }
  }
}

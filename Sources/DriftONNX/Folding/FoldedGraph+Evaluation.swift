extension FoldedGraph {
  /// Runs the nodes that some tensors need.
  /// - Parameters:
  ///   - names: the tensors that are asked for.
  ///   - inputs: values of the inputs that they depend on.
  /// - Throws: `ONNXError` naming the node that cannot be computed.
  public func evaluate(_ names: Set<String>, inputs: [String: TensorValue]) throws(ONNXError) -> [String: TensorValue] {
    var needed = names
    for node in nodes.reversed() where node.outputs.contains(where: needed.contains) { needed.formUnion(node.inputs) }
    var values = inputs
    for node in nodes where node.outputs.contains(where: needed.contains) {
      do {
        var operands: [TensorValue?] = []
        for name in node.inputs { operands.append(name.isEmpty ? nil : try operand(name, values)) }
        let results = try Evaluation(node, opset: model.opset, inputs: operands).run()
        for (name, value) in zip(node.outputs, results) where !name.isEmpty { values[name] = value }
      } catch let error as ONNXError {
        throw error
      } catch {
        let problem = (error as? OperatorError)?.problem ?? "\(error)"
        throw ONNXError(model.path, "node '\(node.name)' (\(node.op)) cannot be computed: it \(problem)")
      }
    }
    return values.filter { names.contains($0.key) }
  }

  private func operand(_ name: String, _ values: [String: TensorValue]) throws -> TensorValue {
    if let value = values[name] { return value }
    guard let constant = tensors[name]?.constant else { throw ONNXError(model.path, "the input '\(name)' was not given") }
    return constant.value()
  }
}

import Foundation

extension Inspection {
  /// The file for people: what it is, its memory, its steps, its programs, its metadata.
  func listing() -> String {
    var lines: [String] = []
    let shape = sampleShape.map(String.init).joined(separator: "x")
    let pictures = pictureShape == sampleShape ? "" : ", pictures " + pictureShape.map(String.init).joined(separator: "x")
    let classes = classCount == 0 ? "unconditional" : "\(classCount) classes" + (nullClass.map { ", \($0) means none" } ?? "")
    lines.append("\(path): version \(version), \(fileBytes) bytes, samples \(shape)\(pictures), \(classes), predicts \(prediction)")
    let ratio = arenaLowerBoundBytes > 0 ? Double(arenaBytes) / Double(arenaLowerBoundBytes) : 1
    lines.append(
      "memory: arena \(arenaBytes) bytes (lower bound \(arenaLowerBoundBytes), ratio \(String(format: "%.3f", ratio))), "
        + "\(threadBytes) more for each further thread, at most \(maxThreads)")
    lines.append("steps: \(steps) in \(stepGroups) groups, step table \(stepTableBytes) bytes")
    if let spikeSteps { lines.append("  \(spikeSteps) spiking steps for each answer") }
    if programs.count > 1 {
      let mean = String(format: "%.1f", Double(multiplyAddsPerStep) / 1e6)
      lines.append("work: \(mean) M int8 multiply-adds a step, mean of all programs")
    }
    for range in groupRanges {
      let steps = "steps \(range.firstStep)...\(range.lastStep)"
      lines.append(
        "  group \(range.group): \(steps), timesteps \(number(timesteps[range.firstStep])) to \(number(timesteps[range.lastStep]))")
    }
    if let neurons = neuronLine() { lines.append(neurons) }
    lines += guidanceLines()
    for program in programs { lines += self.lines(of: program) }
    lines.append("persistent tensors:")
    for tensor in tensors where tensor.isPersistent {
      lines.append("  \(tensor.name)  \(tensor.type) \(shapeText(tensor)) at \(tensor.arenaOffset)")
    }
    if keptBytes > 0, tensors.contains(where: \.isKept) {
      lines.append("kept tensors, \(keptBytes) bytes\(nullClass == nil ? "" : ", once more for the null class"):")
    }
    for tensor in tensors where tensor.isKept {
      lines.append("  \(tensor.name)  \(tensor.type) \(shapeText(tensor)) at \(tensor.arenaOffset)")
    }
    let weights = constants.filter { $0.kind == "weights" || $0.kind == "depthwise" }.reduce(0) { $0 + $1.bytes }
    let all = constants.reduce(0) { $0 + $1.bytes }
    lines.append("constants: \(constants.count), \(all) bytes, of which weights \(weights)")
    if !metadata.isEmpty { lines.append("metadata:") }
    for key in metadata.keys.sorted() { lines.append("  \(key): \(metadata[key] ?? "")") }
    return lines.joined(separator: "\n")
  }

  /// How many neurons send events, and what they and the convolutions behind them keep; nil for programs without state.
  private func neuronLine() -> String? {
    let senders = programs.flatMap(\.operators).filter { $0.opcode == "send" }
    guard !senders.isEmpty else { return nil }
    let count = senders.reduce(0) { $0 + tensors[$1.output].shape.reduce(1, *) }
    return "neurons: \(count) in \(senders.count) layers, state \(keptBytes) bytes"
      + (nullClass == nil ? "" : ", once more for the null class")
  }

  private func lines(of program: Program) -> [String] {
    let heading =
      "program \(program.name): \(program.operators.count) operators, "
      + "\(String(format: "%.1f", Double(program.multiplyAdds) / 1e6)) M int8 multiply-adds "
      + (program.role == "decoder"
        ? "once, after the last step" : "a step" + (programs.count > 1 ? ", \(program.steps) of \(steps) steps" : ""))
    let rows = program.operators.map { operation in
      let output = tensors[operation.output]
      return [
        operation.name, operation.opcode, details(operation), "-> \(output.type) \(shapeText(output))", scaleText(output),
        "at \(output.arenaOffset)",
      ]
    }
    return [heading] + TextTable.lines(rows).map { "  " + $0 }
  }

  private func details(_ operation: Operator) -> String {
    var parts: [String] = []
    if let kernel = operation.kernel { parts.append("\(kernel[0])x\(kernel[1])") }
    if let stride = operation.stride, stride > 1 { parts.append("stride \(stride)") }
    if let upsample = operation.upsample, upsample != "none" { parts.append("enlarged, \(upsample)") }
    if operation.residual != nil { parts.append("+ residual") }
    if operation.opcode == "convolution", operation.state != nil { parts.append("by events") }
    if let groups = operation.groups { parts.append("\(groups) groups") }
    if let heads = operation.heads { parts.append("\(heads) heads") }
    if let activation = operation.activation, activation != "none" { parts.append(activation) }
    if let mode = operation.mode, mode != "group" { parts.append(mode) }
    if operation.stepColumn != nil { parts.append("by step") }
    if operation.gateColumn != nil { parts.append("gated") }
    return parts.joined(separator: " ")
  }

  private func shapeText(_ tensor: Tensor) -> String { tensor.shape.map(String.init).joined(separator: "x") }

  /// Range of a tensor's scales over the step groups.
  private func scaleText(_ tensor: Tensor) -> String {
    guard !["float32", "int32", "events"].contains(tensor.type), let low = tensor.scales.min(), let high = tensor.scales.max()
    else { return "" }
    return low == high ? String(format: "scale %.3g", low) : String(format: "scale %.3g to %.3g", low, high)
  }

  private func number(_ value: Float) -> String {
    value == value.rounded() && abs(value) < 1e9 ? String(Int(value)) : String(value)
  }
}

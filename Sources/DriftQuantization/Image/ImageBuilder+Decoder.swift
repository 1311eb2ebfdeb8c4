import CDriftFormat
import DriftEmission

extension ImageBuilder {
  /// Adds the program that makes pictures of the last state, behind all others. Its tensors and constants are its own, apart from the state.
  mutating func add(_ decoder: DecoderProgram) throws(LoweringError) {
    // Built apart, because constants of both programs may have the same name.
    var builder = ImageBuilder(
      program: decoder.program, scales: decoder.scales, weights: decoder.weights, stepTable: StepTable(), stored: decoder.stored)
    try builder.writeProgram()
    let (part, input) = (builder.image, decoder.program.input)
    let (firstOperator, firstTensor, firstConstant) = (image.operators.count, image.tensors.count, image.constants.count)
    func tensor(_ index: Int) -> Int { index == input ? program.input : firstTensor + index - (index > input ? 1 : 0) }
    func tensor(_ index: Int32) -> Int32 { index < 0 ? index : Int32(tensor(Int(index))) }
    func constant(_ index: Int32) -> Int32 { index < 0 ? index : index + Int32(firstConstant) }

    for op in part.operators {
      var (name, record) = (op.name, op.record)
      let (inputs, constants) = (record.inputs, record.constants)
      record.inputs = (tensor(inputs.0), tensor(inputs.1), tensor(inputs.2), tensor(inputs.3))
      record.output = tensor(record.output)
      record.constants = (
        constant(constants.0), constant(constants.1), constant(constants.2), constant(constants.3), constant(constants.4)
      )
      if !name.hasPrefix(DecoderProgram.prefix) { name = DecoderProgram.prefix + name }
      image.operators.append(.init(name: name, record: record))
    }
    image.constants += part.constants
    let own = part.tensors.indices.filter { $0 != input }
    image.tensors += own.map { part.tensors[$0] }
    // It runs with the scales of the last step's group; they are the same in all.
    let ranges = decoder.scales.ranges[0]
    for group in image.quantization.indices {
      image.quantization[group] += own.map { drift_quantization(scale: ranges[$0].scale, zero_point: ranges[$0].zeroPoint) }
    }
    image.programs.append(
      .init(
        name: "decoder", operators: firstOperator..<image.operators.count, input: program.input,
        output: tensor(decoder.program.output), role: DRIFT_PROGRAM_DECODER))
  }
}

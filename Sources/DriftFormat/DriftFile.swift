@_exported import CDriftFormat

/// A `.drift` file in memory, used in place. Whoever holds a value of this type holds proof that the bytes obey every rule of
/// `docs/format.md`, so nothing that is read through it needs a check.
///
/// The bytes must stay mapped and unchanged for as long as the value, or anything derived from it, is in use.
public struct DriftFile: @unchecked Sendable {
  /// The whole file.
  public let bytes: UnsafeRawBufferPointer
  /// What a session needs to know before it looks at an operator.
  public let model: drift_model
  /// The programs: lists of operators.
  public let programs: UnsafeBufferPointer<drift_program>
  /// The tensors: first those that persist between steps, then one for each operator, in the order of the operators.
  public let tensors: UnsafeBufferPointer<drift_tensor>
  /// The operators of all programs.
  public let operators: UnsafeBufferPointer<drift_operator>
  /// The constants.
  public let constants: UnsafeBufferPointer<drift_constant>
  /// The rows of the sampler.
  public let steps: UnsafeBufferPointer<drift_step>
  /// Scales and zero points, `[group_count][tensor_count]`.
  public let quantization: UnsafeBufferPointer<drift_quantization>
  /// Values that depend on step and class alone, `[step_count * max(class_count, 1)][step_columns]`.
  public let stepTable: UnsafeBufferPointer<Int16>
  /// Pairs of strings for people.
  public let metadata: UnsafeBufferPointer<drift_metadata>
  /// All strings, each ended by a zero byte.
  public let strings: UnsafeRawBufferPointer
  /// The bytes of all constants.
  public let data: UnsafeRawBufferPointer

  /// Whether it has tracers and membranes.
  public var isSpiking: Bool {
    let features = bytes.load(fromByteOffset: DRIFT_AT_header_required_features, as: UInt64.self)
    return features & UInt64(DRIFT_FEATURE_SPIKING.rawValue) != 0
  }

  /// The bytes of a constant; they start 64-byte aligned.
  @inlinable
  public func data(of constant: Int) -> UnsafeRawPointer {
    data.baseAddress.unsafelyUnwrapped + Int(truncatingIfNeeded: constants[constant].offset)
  }

  /// Scales and zero points of all tensors within a step group.
  @inlinable
  public func quantization(ofGroup group: Int) -> UnsafeBufferPointer<drift_quantization> {
    UnsafeBufferPointer(rebasing: quantization[group * tensors.count..<(group + 1) * tensors.count])
  }

  /// The UTF-8 text at an offset that a record of this file holds, without the zero byte that ends it.
  public func string(at offset: UInt32) -> UnsafeBufferPointer<UInt8> {
    let start = Int(offset)
    var end = start
    while strings[end] != 0 { end += 1 }
    return UnsafeRawBufferPointer(rebasing: strings[start..<end]).assumingMemoryBound(to: UInt8.self)
  }

  /// Verifies a whole file.
  ///
  /// - Parameter bytes: the file, its first byte 64-byte aligned (as a mapping is).
  /// - Throws: the first rule that the file breaks.
  public init(verifying bytes: UnsafeRawBufferPointer) throws(DriftError) {
    let table = try SectionTable(verifying: bytes)
    let verifier = Verifier(table)
    try verifier.verify()
    self = verifier.file
  }

  /// The views of a file of which only header and section table are known to be sound.
  init(unverified table: SectionTable) {
    bytes = table.bytes
    model = table.records(DRIFT_SECTION_MODEL, as: drift_model.self)[0]
    programs = table.records(DRIFT_SECTION_PROGRAMS, as: drift_program.self)
    tensors = table.records(DRIFT_SECTION_TENSORS, as: drift_tensor.self)
    operators = table.records(DRIFT_SECTION_OPERATORS, as: drift_operator.self)
    constants = table.records(DRIFT_SECTION_CONSTANTS, as: drift_constant.self)
    steps = table.records(DRIFT_SECTION_STEPS, as: drift_step.self)
    quantization = table.records(DRIFT_SECTION_QUANTIZATION, as: drift_quantization.self)
    stepTable = table.records(DRIFT_SECTION_STEP_TABLE, as: Int16.self)
    metadata = table.records(DRIFT_SECTION_METADATA, as: drift_metadata.self)
    strings = table.raw(DRIFT_SECTION_STRINGS)
    data = table.raw(DRIFT_SECTION_DATA)
  }
}

import DriftFormat

extension DriftImage {
  /// The file's bytes, verified.
  ///
  /// Float constants whose magnitude is below 2^-100 are written as zero: the format has no room for numbers that some CPUs flush.
  ///
  /// - Throws: ``EmissionError/invalid(record:reason:)`` for what cannot be written at all, ``EmissionError/refused(_:record:)`` if the
  ///   verifier refuses the result; it names the record at fault.
  public func encode() throws(EmissionError) -> [UInt8] {
    guard model.arena_bytes > 0 else {
      throw .invalid(record: "model", reason: "the arena is not laid out; call planMemory() first")
    }
    let image = try canonical()
    let bytes = image.written()
    do throws(DriftError) {
      try Self.verify(bytes)
    } catch {
      throw .refused(error, record: image.record(at: error.offset, in: bytes))
    }
    return bytes
  }

  /// Runs the verifier on a file that lies in an array.
  static func verify(_ bytes: [UInt8]) throws(DriftError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: Int(DRIFT_ALIGNMENT))
    defer { buffer.deallocate() }
    buffer.copyBytes(from: bytes)
    _ = try DriftFile(verifying: UnsafeRawBufferPointer(buffer))
  }

  /// The file of an image whose tensors and constants are in the file's order, not verified. Tests make hostile files with it.
  package func written() -> [UInt8] {
    var strings = StringTable()
    var model = model
    model.step_count = UInt32(clamping: steps.count)
    model.group_count = UInt32(clamping: quantization.count)
    describePicture(in: &model)

    let programs = programs.map { program in
      var record = drift_program()
      record.name = strings.offset(of: program.name)
      record.first_operator = UInt32(clamping: program.operators.lowerBound)
      record.operator_count = UInt32(clamping: program.operators.count)
      record.input_tensor = Int32(clamping: program.input)
      record.output_tensor = Int32(clamping: program.output)
      record.role = program.role.rawValue
      return record
    }
    let tensors = tensors.map { $0.record(name: strings.offset(of: $0.name)) }
    let operators = operators.map { operation in
      var record = operation.record
      record.name = strings.offset(of: operation.name)
      return record
    }
    var data: [UInt8] = []
    let constants = constants.map { constant in
      var record = drift_constant()
      record.name = strings.offset(of: constant.name)
      record.kind = constant.kind.rawValue
      record.outputs = UInt32(clamping: constant.outputs)
      record.taps = UInt32(clamping: constant.taps)
      record.inputs = UInt32(clamping: constant.inputs)
      record.offset = UInt64(data.count)
      record.length = UInt64(constant.bytes.count)
      data.append(contentsOf: constant.isFloat ? Self.flushed(constant.bytes) : constant.bytes)
      data.append(contentsOf: repeatElement(0, count: SectionWriter.aligned(data.count) - data.count))
      return record
    }
    let metadata = metadata.map { key, value in
      drift_metadata(key: strings.offset(of: key), value: strings.offset(of: value))
    }

    var writer = SectionWriter(sectionCount: 11)
    writer.add(DRIFT_SECTION_MODEL, [model])
    writer.add(DRIFT_SECTION_PROGRAMS, programs)
    writer.add(DRIFT_SECTION_TENSORS, tensors)
    writer.add(DRIFT_SECTION_OPERATORS, operators)
    writer.add(DRIFT_SECTION_CONSTANTS, constants)
    writer.add(DRIFT_SECTION_STEPS, steps)
    writer.add(DRIFT_SECTION_QUANTIZATION, quantization.flatMap { $0 })
    writer.add(DRIFT_SECTION_METADATA, metadata)
    writer.add(DRIFT_SECTION_STRINGS, strings.bytes)
    writer.add(DRIFT_SECTION_STEP_TABLE, stepTable)
    writer.add(DRIFT_SECTION_DATA, data)
    let isSpiking = self.tensors.indices.contains { isState($0) }
    let feature = isSpiking ? DRIFT_FEATURE_SPIKING : DRIFT_FEATURE_KEPT_TENSORS
    return writer.file(requiredFeatures: model.kept_bytes > 0 ? UInt64(feature.rawValue) : 0)
  }

  /// What a session delivers: the decoder's output or, without one, the sample.
  private func describePicture(in model: inout drift_model) {
    (model.picture_channels, model.picture_height, model.picture_width) = (
      model.sample_channels, model.sample_height, model.sample_width
    )
    model.decoder_program = .absent
    guard let decoder = programs.firstIndex(where: { $0.role == DRIFT_PROGRAM_DECODER }) else { return }
    model.decoder_program = Int32(clamping: decoder)
    guard tensors.indices.contains(programs[decoder].output) else { return }
    let picture = tensors[programs[decoder].output]
    model.picture_channels = UInt32(clamping: picture.channels)
    model.picture_height = UInt32(clamping: picture.height)
    model.picture_width = UInt32(clamping: picture.width)
  }

  private static func flushed(_ bytes: [UInt8]) -> [UInt8] {
    var result = bytes
    result.withUnsafeMutableBytes { raw in
      for offset in stride(from: 0, to: raw.count - 3, by: 4) {
        let value = Float(bitPattern: raw.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        if abs(value) < FormatLimits.smallestFloat { raw.storeBytes(of: 0, toByteOffset: offset, as: UInt32.self) }
      }
    }
    return result
  }

  /// Names the record that holds a byte of the file.
  private func record(at offset: UInt64, in bytes: [UInt8]) -> String {
    bytes.withUnsafeBytes { bytes in
      for index in 0..<11 {
        let start = Int(DRIFT_HEADER_BYTES) + index * MemoryLayout<drift_section>.size
        let section = bytes.loadUnaligned(fromByteOffset: start, as: drift_section.self)
        guard offset >= section.offset, offset < section.offset + section.length else { continue }
        let position = Int((offset - section.offset) / UInt64(section.record_bytes))
        switch drift_section_kind(section.kind) {
        case DRIFT_SECTION_MODEL: return "model"
        case DRIFT_SECTION_PROGRAMS: return "program \(position) '\(programs[position].name)'"
        case DRIFT_SECTION_TENSORS: return "tensor '\(tensors[position].name)'"
        case DRIFT_SECTION_OPERATORS: return "operator \(position) '\(operators[position].name)'"
        case DRIFT_SECTION_CONSTANTS: return "constant '\(constants[position].name)'"
        case DRIFT_SECTION_STEPS: return "step \(position)"
        case DRIFT_SECTION_QUANTIZATION:
          return "step group \(position / tensors.count), tensor '\(tensors[position % tensors.count].name)'"
        case DRIFT_SECTION_METADATA: return "metadata '\(metadata[position].0)'"
        case DRIFT_SECTION_DATA: return "constant '\(constantName(at: offset - section.offset))'"
        default: return "section \(section.kind)"
        }
      }
      return "header"
    }
  }

  private func constantName(at offset: UInt64) -> String {
    var end = 0
    for constant in constants {
      end += SectionWriter.aligned(constant.bytes.count)
      if offset < UInt64(end) { return constant.name }
    }
    return ""
  }
}

extension DriftImage.Constant {
  fileprivate var isFloat: Bool { [DRIFT_CONSTANT_FLOATS, DRIFT_CONSTANT_ACTIVATION, DRIFT_CONSTANT_BUMP].contains(kind) }
}

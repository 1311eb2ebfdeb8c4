import DriftEmission
import DriftFormat
import DriftTestImages
import Testing

/// Files that must be accepted, and what the views show of them.
@Suite struct ValidFileTests {
  private func open(_ image: DriftImage) throws -> AlignedFile {
    AlignedFile(try image.encode())
  }

  @Test func viewsShowWhatTheImageHolds() throws {
    let image = TestImages.complete()
    let memory = try open(image)
    let file = try DriftFile(verifying: memory.bytes)
    #expect(file.programs.count == 2)
    #expect(file.operators.count == image.operators.count)
    #expect(file.steps.count == 4)
    #expect(file.stepTable.count == 4 * 3 * 18)
    #expect(Array(file.stepTable) == image.stepTable)
    let names = file.operators.map { String(decoding: file.string(at: $0.name), as: UTF8.self) }
    #expect(names == image.operators.map(\.name))
    let values = file.metadata.map { String(decoding: file.string(at: $0.value), as: UTF8.self) }
    #expect(values == ["0", "test", "größer als α"])
    for group in 0..<2 {
      let row = file.quantization(ofGroup: group)
      #expect(row.count == image.tensors.count)
      #expect(row[0].scale == 1)
    }
    for index in file.constants.indices {
      #expect(UInt(bitPattern: file.data(of: index)) % 64 == 0)
    }
  }

  @Test func contentsOfConstantsAreThoseOfTheImage() throws {
    let image = TestImages.complete()
    let memory = try open(image)
    let file = try DriftFile(verifying: memory.bytes)
    for index in file.constants.indices {
      let name = String(decoding: file.string(at: file.constants[index].name), as: UTF8.self)
      let bytes = UnsafeRawBufferPointer(start: file.data(of: index), count: Int(file.constants[index].length))
      #expect(Array(bytes) == image.constants.first { $0.name == name }?.bytes)
    }
  }

  /// Kept tensors begin the arena, once for each class that guidance evaluates, and the bound counts both copies.
  @Test func keptTensorsBeginTheArena() throws {
    let memory = try open(TestImages.cached())
    let file = try DriftFile(verifying: memory.bytes)
    let kept = file.tensors.filter { $0.flags & DRIFT_TENSOR_KEPT.rawValue != 0 }
    #expect(kept.map(\.arena_offset) == [0, 1024])
    #expect(file.model.kept_bytes == 1024 + 512)
    #expect(file.tensors.allSatisfy { $0.flags & DRIFT_TENSOR_KEPT.rawValue != 0 || $0.arena_offset >= 2 * file.model.kept_bytes })
    #expect(file.constants.count == TestImages.cached(programs: 2).constants.count)
  }

  /// State begins the arena in the order of its owners, once for each class that guidance evaluates.
  @Test func stateBeginsTheArena() throws {
    let memory = try open(TestImages.spiking())
    let file = try DriftFile(verifying: memory.bytes)
    #expect(file.isSpiking)
    let state = file.tensors.filter { $0.flags & DRIFT_TENSOR_STATE.rawValue != 0 }
    let names = state.map { String(decoding: file.string(at: $0.name), as: UTF8.self) }
    #expect(
      names == [
        "fine.sent", "stem.membranes", "norm.sent", "down.membranes", "down.sent", "large.membranes", "wide.membranes",
        "skip.membranes", "last.sent", "out.membranes",
      ])
    var end: UInt64 = 0
    for tensor in state {
      #expect(tensor.arena_offset == end)
      end += (tensor.byte_length + 63) / 64 * 64
    }
    #expect(file.model.kept_bytes == end)
    #expect(file.tensors.allSatisfy { $0.flags & DRIFT_TENSOR_STATE.rawValue != 0 || $0.arena_offset >= 2 * end })
    for threshold in [0, 254] as [UInt32] {
      var editor = FileEditor(try TestImages.spiking().encode())
      editor.set(DRIFT_SECTION_OPERATORS, editor.index(DRIFT_SECTION_OPERATORS, "norm") + 1, DRIFT_AT_operator_threshold, threshold)
      editor.fixChecksums()
      #expect(AlignedFile(editor.bytes).verdict == nil)
    }
  }

  /// A newer minor version may add optional sections and optional features, and nothing else.
  @Test func newerMinorVersionsWithOptionalPartsAreAccepted() throws {
    var editor = FileEditor(try TestImages.minimal().encode())
    editor.store(UInt16(7), at: DRIFT_AT_header_version_minor)
    editor.store(UInt64.max, at: DRIFT_AT_header_required_features + 8)
    let section = drift_section(
      kind: 0x8000_0005, record_bytes: 64, count: 1, offset: UInt64(editor.bytes.count + 64), length: 64, checksum: 0, reserved: 0)
    editor.appendSection(section, contents: [UInt8](repeating: 9, count: 64))
    editor.fixChecksums()
    #expect(AlignedFile(editor.bytes).verdict == nil)
  }

  @Test func valuesAtTheLimitsAreAccepted() throws {
    #expect(try open(TestImages.wide(inputs: 7338)).verdict == nil)
    #expect(try open(TestImages.attention(size: 257)).verdict == nil)
    #expect(try open(TestImages.crowded(1000)).verdict == nil)
    #expect(try open(TestImages.keeping(16)).verdict == nil)
    #expect(try open(TestImages.cached(programs: 4)).verdict == nil)
    let conv = FileEditor(try TestImages.minimal().encode())
    let q = conv.index(DRIFT_SECTION_TENSORS, "q")
    for scale in [FormatLimits.scales.lowerBound, FormatLimits.scales.upperBound] {
      for point in [-128, 127] as [Int32] {
        var editor = conv
        editor.set(DRIFT_SECTION_QUANTIZATION, q, DRIFT_AT_quantization_scale, scale)
        editor.set(DRIFT_SECTION_QUANTIZATION, q, DRIFT_AT_quantization_zero_point, point)
        editor.store(FormatLimits.largestCoefficient, at: editor.data("conv.bias"))
        editor.set(DRIFT_SECTION_STEPS, 0, DRIFT_AT_step_timestep, Float(999.99))
        editor.set(DRIFT_SECTION_STEPS, 0, DRIFT_AT_step_p, -FormatLimits.smallestFloat)
        editor.fixChecksums()
        #expect(AlignedFile(editor.bytes).verdict == nil)
      }
    }
  }

  /// The last window of a convolution begins inside the image and leaves less than a stride of it unread; no other output size is valid.
  @Test(arguments: [(5, 3, 2, 1), (6, 3, 2, 1), (8, 3, 2, 0), (7, 2, 3, 0), (1, 3, 1, 1), (4, 5, 1, 4)])
  func convolutionShapes(input: Int, kernel: Int, stride: Int, pad: Int) throws {
    for output in 1...12 {
      let lastWindow = (output - 1) * stride - pad..<(output - 1) * stride - pad + kernel
      let isValid = lastWindow.lowerBound < input && input - lastWindow.upperBound < stride
      let image = TestImages.strided(input: input, kernel: kernel, stride: stride, pad: pad, output: output)
      let verdict = AlignedFile(try image.canonical().written()).verdict
      #expect(verdict?.code == (isValid ? nil : .outputShapeMismatch), "output \(output)")
    }
  }
}

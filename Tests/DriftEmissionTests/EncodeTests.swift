import DriftEmission
import DriftFormat
import DriftTestImages
import Testing

@Suite struct EncodeTests {
  @Test func equalImagesGiveEqualBytes() throws {
    #expect(try TestImages.complete().encode() == TestImages.complete().encode())
  }

  /// The file's order of tensors, constants and metadata does not depend on the image's.
  @Test func theOrderInTheImageDoesNotMatter() throws {
    let image = TestImages.complete()
    var shuffled = image
    // Persistent tensors and metadata keep their order among themselves; everything else is turned round.
    let count = image.tensors.count
    let kept = image.tensors.prefix { $0.flags & DRIFT_TENSOR_PERSISTENT.rawValue != 0 }.count
    func place(_ tensor: Int32) -> Int32 { tensor < kept ? tensor : Int32(count + kept - 1) - tensor }
    func constant(_ index: Int32) -> Int32 { index < 0 ? index : Int32(image.constants.count - 1) - index }
    shuffled.tensors = Array(image.tensors[..<kept] + image.tensors[kept...].reversed())
    shuffled.constants = image.constants.reversed()
    shuffled.quantization = image.quantization.map { Array($0[..<kept] + $0[kept...].reversed()) }
    shuffled.metadata = image.metadata.reversed()
    for index in shuffled.operators.indices {
      let old = image.operators[index].record
      let inputs = [old.inputs.0, old.inputs.1, old.inputs.2, old.inputs.3].map { $0 < 0 ? $0 : place($0) }
      shuffled.operators[index].record.inputs = (inputs[0], inputs[1], inputs[2], inputs[3])
      shuffled.operators[index].record.output = place(old.output)
      let constants = old.constants
      shuffled.operators[index].record.constants = (
        constant(constants.0), constant(constants.1), constant(constants.2), constant(constants.3),
        constant(constants.4)
      )
    }
    for index in shuffled.programs.indices { shuffled.programs[index].output = Int(place(Int32(image.programs[index].output))) }
    shuffled.model.output_tensor = place(image.model.output_tensor)
    #expect(try shuffled.encode() == image.encode())
  }

  @Test func numbersThatSomeProcessorsFlushBecomeZero() throws {
    var image = TestImages.minimal()
    let bias = try #require(image.constants.firstIndex { $0.name == "conv.bias" })
    image.constants[bias].bytes = withUnsafeBytes(of: Float(1e-35).bitPattern) { Array($0) }
    let editor = FileEditor(try image.encode())
    #expect(editor.load(Float.self, at: editor.data("conv.bias")) == 0)
  }

  @Test func controlCharactersInNamesBecomeSpaces() throws {
    var image = TestImages.minimal()
    image.operators[0].name = "a\u{1B}[2J\u{0}b\u{9B}c"
    let editor = FileEditor(try image.encode())
    #expect(editor.index(DRIFT_SECTION_OPERATORS, "a [2J b c") == 0)
  }

  @Test func anImageWithoutAPlanIsRefused() {
    var image = TestImages.minimal()
    image.model.arena_bytes = 0
    let error = #expect(throws: EmissionError.self) { try image.encode() }
    #expect(error?.description.contains("planMemory") == true)
  }

  @Test func whateverTheVerifierRefusesNamesItsRecord() throws {
    func expectRefused(_ code: DriftErrorCode, _ record: String, _ change: (inout DriftImage) -> Void) {
      var image = TestImages.complete()
      change(&image)
      let error = #expect(throws: EmissionError.self) { try image.encode() }
      guard case .refused(let rule, let found) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(rule.code == code)
      #expect(found.contains(record), "\(found)")
    }
    expectRefused(.weightOutOfRange, "constant 'stem.weights'") { image in
      let index = image.constants.firstIndex { $0.name == "stem.weights" } ?? 0
      image.constants[index].bytes[0] = 0x80
    }
    expectRefused(.scaleOutOfRange, "step group 1, tensor 'coarse'") { image in
      let index = image.tensors.firstIndex { $0.name == "coarse" } ?? 0
      image.quantization[1][index].scale = 0
    }
    expectRefused(.groupsInvalid, "'norm'") { $0.operators[4].record.groups = 4 }
    expectRefused(.timestepsUnordered, "step 2") { $0.steps[2].timestep = 900 }
    expectRefused(.initialScaleOutOfRange, "model") { $0.model.initial_scale = .nan }
    expectRefused(.metadataUnordered, "metadata 'twice'") { $0.metadata = [("twice", "1"), ("twice", "2")] }
    expectRefused(.constantLengthMismatch, "constant 'exp'") { image in
      let index = image.constants.firstIndex { $0.name == "exp" } ?? 0
      image.constants[index].bytes.removeLast()
    }
  }

  @Test func whatCannotBeWrittenAtAllIsNamed() throws {
    func expectInvalid(_ record: String, _ change: (inout DriftImage) -> Void) {
      var image = TestImages.complete()
      change(&image)
      let error = #expect(throws: EmissionError.self) { try image.encode() }
      #expect(error?.description.contains(record) == true, "\(String(describing: error))")
    }
    expectInvalid("constant 2") { $0.operators[1].record.constants.2 = 4000 }
    expectInvalid("'spare'") {
      $0.constants.append(.init(name: "spare", kind: DRIFT_CONSTANT_FLOATS, outputs: 1, bytes: [0, 0, 0, 0]))
    }
    expectInvalid("step group 0") { $0.quantization[0].removeLast() }
  }
}

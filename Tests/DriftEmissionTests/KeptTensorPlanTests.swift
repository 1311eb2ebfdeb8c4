import DriftEmission
import DriftFormat
import DriftTestImages
import Testing

/// Kept tensors in the arena and in the header.
@Suite struct KeptTensorPlanTests {
  private func kept(_ image: DriftImage) -> [DriftImage.Tensor] {
    image.tensors.filter { $0.flags & DRIFT_TENSOR_KEPT.rawValue != 0 }
  }

  @Test func keptTensorsComeFirstAndTwiceWithANullClass() throws {
    var image = TestImages.cached()
    #expect(kept(image).map(\.arenaOffset) == [0, 1024])
    #expect(image.model.kept_bytes == 1536)
    let guided = (size: image.model.arena_bytes, bound: image.model.arena_lower_bound)
    let others = image.tensors.filter { $0.flags & DRIFT_TENSOR_KEPT.rawValue == 0 }
    #expect(others.map(\.arenaOffset).min() == 3072)

    image.model.null_class = .absent
    try image.planMemory()
    #expect(image.model.kept_bytes == 1536)
    #expect(guided.size - image.model.arena_bytes == 1536)
    #expect(guided.bound - image.model.arena_lower_bound == 1536)
  }

  /// The image may name tensors in any order: they are placed in the order in which operators write them.
  @Test func theOrderInTheImageDoesNotMatter() throws {
    let image = TestImages.cached()
    var shuffled = image
    let count = image.tensors.count
    func place(_ tensor: Int32) -> Int32 { tensor < 2 ? tensor : Int32(count + 1) - tensor }
    shuffled.tensors = Array(image.tensors[..<2] + image.tensors[2...].reversed())
    shuffled.quantization = image.quantization.map { Array($0[..<2] + $0[2...].reversed()) }
    for index in shuffled.operators.indices {
      let inputs = image.operators[index].record.inputs
      shuffled.operators[index].record.inputs = (place(inputs.0), place(inputs.1), place(inputs.2), place(inputs.3))
      shuffled.operators[index].record.output = place(image.operators[index].record.output)
    }
    for index in shuffled.programs.indices { shuffled.programs[index].output = Int(place(Int32(image.programs[index].output))) }
    shuffled.model.output_tensor = place(image.model.output_tensor)
    #expect(try shuffled.encode() == image.encode())
    try shuffled.planMemory()
    #expect(Set(kept(shuffled).map { "\($0.name) \($0.arenaOffset)" }) == ["deep 0", "thin 1024"])
    _ = try shuffled.encode()
  }

  @Test func onlyFilesWithKeptTensorsAskForThem() throws {
    func features(_ image: DriftImage) throws -> UInt64 {
      FileEditor(try image.encode()).load(UInt64.self, at: DRIFT_AT_header_required_features)
    }
    #expect(try features(TestImages.cached()) == UInt64(DRIFT_FEATURE_KEPT_TENSORS.rawValue))
    #expect(try features(TestImages.complete()) == 0)
  }

  @Test func otherScalesInAnotherGroupAreRefusedWithTheTensorsName() throws {
    var image = TestImages.cached()
    let deep = try #require(image.tensors.firstIndex { $0.name == "deep" })
    image.quantization[1][deep].scale *= 2
    #expect {
      try image.encode()
    } throws: { error in
      guard case .refused(let refusal, let record)? = error as? EmissionError else { return false }
      return refusal.code == .keptScalesDiffer && record == "step group 1, tensor 'deep'"
    }
  }
}

import DriftEvaluation
import DriftRuntime
import DriftTestImages
import Foundation
import Testing

@Suite("Guided answers of a file that skips and estimates")
struct GuidedAnswersTests {
  /// The test image: steps 0 and 1 guide in full, step 2 estimates, step 3 skips; class 2 means "no class".
  private let source: IntegerSource

  init() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("guided-\(UUID().uuidString).drift").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try TestImages.complete().write(to: path)
    source = try IntegerSource(ModelFile(path: path))
  }

  private func state(_ step: Int) -> [Float] { (0..<source.valueCount).map { Float(($0 * (7 + step)) % 23) / 11 - 1 } }

  @Test("are those of two evaluations, of one and an estimate, and of one")
  func answers() throws {
    let weight: Float = 2.5
    var guided = GuidedAnswers(source, PictureRequest(seed: 0, classLabel: 1, guidance: weight))
    var (null, last): ([Float], [Float]) = ([], [])
    for step in 0..<4 {
      let now = try source.evaluate(state(step), step: step, classLabel: 1)
      let found = try guided.answer(state(step), step: step)
      switch step {
      case 2: null = null.indices.map { (0.9 * null[$0] + -0.8 * last[$0]) + 0.9 * now[$0] }
      default: null = try source.evaluate(state(step), step: step, classLabel: 2)
      }
      last = now
      let expected = step == 3 ? now : zip(null, now).map { $0 + weight * ($1 - $0) }
      #expect(found == expected, "step \(step)")
    }
    #expect(source.model.evaluations(guidance: weight) == 6)
    #expect(source.model.evaluations(guidance: 1) == 4)
  }

  @Test("are one evaluation without guidance")
  func unguided() throws {
    var guided = GuidedAnswers(source, PictureRequest(seed: 0, classLabel: 0))
    for step in 0..<4 {
      #expect(try guided.answer(state(step), step: step) == source.evaluate(state(step), step: step, classLabel: 0))
    }
  }
}

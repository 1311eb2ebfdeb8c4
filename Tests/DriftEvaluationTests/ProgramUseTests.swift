import DriftEmission
import DriftEvaluation
import DriftTestImages
import Foundation
import Testing

@Suite("Work of a file's programs")
struct ProgramUseTests {
  @Test("counts steps and multiply-adds of every program")
  func programs() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).drift").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try TestImages.cached().write(to: path)
    let uses = ProgramUse.all(of: try ModelFile(path: path))
    #expect(uses.map(\.name) == ["unet", "near", "far"])
    #expect(uses.map(\.steps) == [2, 3, 1])
    // 64 pixels: "skip" 5 to 4 channels, "out" 4 to 1 of 3x3 in 16 bits.
    let far = 64 * (5 * 4 + 2 * 9 * 4)
    // And "stem" 1 to 6 of 3x3 in 16 bits, "near" 11 to 4.
    let near = far + 64 * (2 * 9 * 6 + 11 * 4)
    // And "down" 6 to 8 on 16 pixels, "deep" 8 to 5.
    let whole = near + 16 * 9 * 6 * 8 + 64 * 9 * 8 * 5
    #expect(uses.map(\.multiplyAdds) == [whole, near, far])
    #expect(uses.multiplyAddsPerStep == Double(2 * whole + 3 * near + far) / 6)
  }
}

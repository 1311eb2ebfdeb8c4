import AllocationProbe
import DriftFormat
import DriftTestImages
import Testing

@Suite struct VerifierCostTests {
  @Test func acceptingAFileTakesNoHeapMemory() throws {
    let file = AlignedFile(try TestImages.complete().encode())
    allocation_probe_begin()
    let verdict = file.verdict
    #expect(allocation_probe_end() == 0)
    #expect(verdict == nil)
  }

  /// 1000 living tensors, the worst that a memory plan may have, cost no more than a moment: no step is quadratic in the file.
  @Test func aCrowdedMemoryPlanIsCheckedQuickly() throws {
    let file = AlignedFile(try TestImages.crowded(1000).encode())
    let clock = ContinuousClock()
    let best = (0..<5).map { _ in clock.measure { #expect(file.verdict == nil) } }.min() ?? .zero
    #expect(best < .milliseconds(20))
  }
}

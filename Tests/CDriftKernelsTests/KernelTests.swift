import DriftRuntime
import KernelCheck
import Testing

/// Every kernel that this CPU runs against the scalar reference: all small shapes, extreme values, memory that ends where it must.
struct KernelTests {
  @Test(arguments: [KernelSet.Kind.scalar, .avx2, .avxvnni, .avx512vnni, .neon, .dotprod, .i8mm])
  func everyKernelEqualsTheScalarReference(kind: KernelSet.Kind) throws {
    guard let set = KernelSet(kind) else { return }
    var result = kernel_check_result()
    kernel_check(set.functions, &result)
    let failure = withUnsafeBytes(of: result.first_failure) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    #expect(result.failures == 0, "\(result.failures) of \(result.cases); first: \(failure)")
    #expect(result.cases > 20_000)
  }

  @Test func aCPUWithVectorsGetsItsKernels() throws {
    #if arch(x86_64) || arch(arm64)
      #expect(KernelSet.best.kind != .scalar)
    #endif
    #expect(KernelSet.best.functions.pointee.tile_rows % 2 == 0)
  }

  @Test func kernelsAreFoundByName() throws {
    #expect("scalar".withCString { KernelSet(named: $0)?.kind } == .scalar)
    #expect("scala".withCString { KernelSet(named: $0)?.kind } == nil)
    #expect("scalars".withCString { KernelSet(named: $0)?.kind } == nil)
    #expect("".withCString { KernelSet(named: $0)?.kind } == nil)
    #if arch(x86_64)
      #expect("neon".withCString { KernelSet(named: $0)?.kind } == nil)
    #endif
  }

  @Test func thePeakLoopCountsItsWork() throws {
    #expect(KernelSet.scalar.peakLoop(iterations: 1000) == 8000)
    #expect(KernelSet.best.peakLoop(iterations: 0) == 0)
  }
}

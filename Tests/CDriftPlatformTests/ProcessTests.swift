import CDriftPlatform
import Foundation
import Testing

struct ProcessTests {
  @Test func memoryIsZeroedAndAligned() throws {
    let length = 1 << 20
    let memory = try #require(drift_map_memory(UInt64(length)))
    defer { drift_unmap_memory(memory, UInt64(length)) }
    #expect(UInt(bitPattern: memory) % 4096 == 0)
    #expect(UnsafeRawBufferPointer(start: memory, count: length).allSatisfy { $0 == 0 })
  }

  @Test func memoryThatThereIsNotIsRefused() {
    #expect(drift_map_memory(0) == nil)
    #expect(drift_map_memory(1 << 62) == nil)
    #expect(drift_map_memory(.max) == nil)
    drift_unmap_memory(nil, 10)
  }

  @Test func theClockCountsNanoseconds() {
    let start = drift_clock_nanoseconds()
    usleep(20_000)
    let elapsed = drift_clock_nanoseconds() - start
    #expect(elapsed >= 20_000_000 && elapsed < 60_000_000_000)
  }

  @Test func theEnvironmentIsRead() {
    setenv("DRIFT_PLATFORM_TEST", "yes", 1)
    #expect(drift_environment("DRIFT_PLATFORM_TEST").map { String(cString: $0) } == "yes")
    #expect(drift_environment("DRIFT_PLATFORM_TEST_ABSENT") == nil)
  }

  @Test func peakMemoryGrowsWithUse() throws {
    let before = drift_peak_memory()
    #expect(before > 1 << 20)
    let length: UInt64 = 64 << 20
    let memory = try #require(drift_map_memory(length))
    memset(memory, 1, Int(length))
    drift_unmap_memory(memory, length)
    #expect(drift_peak_memory() >= length)
  }

  #if os(Linux)
    /// The kernel's own list of what the CPU can do.
    @Test func featuresAreThoseThatTheKernelNames() throws {
      let text = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
      let line = text.split(separator: "\n").first { $0.hasPrefix("flags") || $0.hasPrefix("Features") }
      let named = Set(try #require(line).split(separator: " ").map(String.init))
      let features = drift_cpu_features()
      #if arch(x86_64)
        let expected = [
          (DRIFT_CPU_AVX2, "avx2"), (DRIFT_CPU_AVX512_VNNI, "avx512_vnni"), (DRIFT_CPU_AVX_VNNI, "avx_vnni"),
        ]
      #else
        let expected = [(DRIFT_CPU_NEON, "asimd"), (DRIFT_CPU_DOTPROD, "asimddp"), (DRIFT_CPU_I8MM, "i8mm")]
      #endif
      for (feature, name) in expected {
        #expect((features & feature.rawValue != 0) == named.contains(name), "\(name)")
      }
    }
  #endif
}

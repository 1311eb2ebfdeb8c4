import CDriftKernels
import CDriftPlatform
import DriftRuntime

/// Times the kernels that treat values one by one, on a tensor that lies in the caches.
struct ElementBench: ~Copyable {
  private static let pixels = 256, channels = 128
  private let kernels: UnsafePointer<drift_kernel_set>
  private let input: UnsafeMutablePointer<Int16>
  private let output: UnsafeMutableRawPointer
  private let floats: UnsafeMutablePointer<Float>
  private let sums: UnsafeMutablePointer<Int64>
  private let bump: UnsafeMutablePointer<Float>

  init(_ set: KernelSet) {
    kernels = set.functions
    let count = Self.pixels * Self.channels
    input = .allocate(capacity: count)
    output = .allocate(byteCount: count * 2, alignment: 64)
    floats = .allocate(capacity: Self.channels)
    sums = .allocate(capacity: 2 * Self.channels)
    bump = .allocate(capacity: 8)
    for i in 0..<count { input[i] = Int16(truncatingIfNeeded: i &* 40503) }
    floats.initialize(repeating: 0x1p-13, count: Self.channels)
    sums.initialize(repeating: 0, count: 2 * Self.channels)
    bump.initialize(repeating: 0, count: 8)
    (bump[0], bump[1], bump[2]) = (10, 0.918, -0.06)
  }

  deinit {
    input.deallocate()
    output.deallocate()
    floats.deallocate()
    sums.deallocate()
    bump.deallocate()
  }

  /// Names and nanoseconds a value.
  func results(rounds: Int) -> [(name: String, nanoseconds: Double)] {
    let (pixels, channels) = (UInt32(Self.pixels), UInt32(Self.channels))
    var bytes = drift_destination(
      base: output, low: nil, stride: Self.channels, type: DRIFT_STORE_INT8.rawValue,
      quantizer: drift_quantizer(low: -120, high: 135, zero_point: -8))
    var smooth = drift_transform(scale: floats, shift: floats, table: bump, activation: 3, inverse: 40)
    var plain = drift_transform(scale: floats, shift: floats, table: nil, activation: 0, inverse: 40)
    let target = output.assumingMemoryBound(to: Int16.self)
    return [
      (
        "channel_sums",
        best(rounds) { kernels.pointee.channel_sums(input, Self.channels, pixels, channels, sums, sums + Self.channels) }
      ),
      (
        "transform, SiLU, to int8",
        best(rounds) { kernels.pointee.transform(input, Self.channels, pixels, channels, &smooth, &bytes) }
      ),
      ("transform to int8", best(rounds) { kernels.pointee.transform(input, Self.channels, pixels, channels, &plain, &bytes) }),
      ("rescale to int8", best(rounds) { kernels.pointee.rescale(input, Self.channels, pixels, channels, 0x1p-8, &bytes) }),
      ("add", best(rounds) { kernels.pointee.add(input, input, Self.pixels * Self.channels, 0.5, 0.25, target) }),
    ]
  }

  private func best(_ rounds: Int, _ body: () -> Void) -> Double {
    let repetitions = 20
    let times = (0..<rounds * 4).map { _ in
      let start = drift_clock_nanoseconds()
      for _ in 0..<repetitions { body() }
      return drift_clock_nanoseconds() - start
    }
    return Double(times.min() ?? 0) / Double(repetitions * Self.pixels * Self.channels)
  }
}

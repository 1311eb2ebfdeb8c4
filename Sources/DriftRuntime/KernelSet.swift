import CDriftKernels
import CDriftPlatform

/// The kernels of one instruction set. All sets give the same bits; they differ in speed.
public struct KernelSet: @unchecked Sendable {
  /// The instruction sets that Spindrift has kernels for.
  public enum Kind: Int32, Sendable {
    /// Plain C, on every CPU.
    case scalar = 0
    /// x86-64 with AVX2.
    case avx2 = 1
    /// 32- and 64-bit ARM with NEON.
    case neon = 2
    /// 64-bit ARM with the int8 dot product of Armv8.2.
    case dotprod = 3
    /// x86-64 with AVX-VNNI: 256-bit dot products without AVX-512.
    case avxvnni = 4
    /// x86-64 with AVX-512 and VNNI.
    case avx512vnni = 5
    /// 64-bit ARM with the int8 matrix product of Armv8.6.
    case i8mm = 6

    /// The name that `SPINDRIFT_KERNEL` takes.
    public var name: StaticString {
      switch self {
      case .scalar: "scalar"
      case .avx2: "avx2"
      case .neon: "neon"
      case .dotprod: "dotprod"
      case .avxvnni: "avxvnni"
      case .avx512vnni: "avx512vnni"
      case .i8mm: "i8mm"
      }
    }
  }

  /// Which set this is.
  public let kind: Kind
  package let functions: UnsafePointer<drift_kernel_set>

  /// The kernels of `kind`, or nil where this CPU or this build lacks them.
  public init?(_ kind: Kind) {
    let features = drift_cpu_features()
    self.kind = kind
    switch kind {
    case .scalar:
      functions = drift_kernels_scalar()
    #if arch(x86_64)
      case .avx2 where KernelSet.has(features, DRIFT_CPU_AVX2):
        functions = drift_kernels_avx2()
      case .avxvnni where KernelSet.has(features, DRIFT_CPU_AVX2) && KernelSet.has(features, DRIFT_CPU_AVX_VNNI):
        functions = drift_kernels_avxvnni()
      case .avx512vnni where KernelSet.has(features, DRIFT_CPU_AVX512_VNNI):
        functions = drift_kernels_avx512vnni()
    #endif
    #if arch(arm64) || arch(arm)
      case .neon where KernelSet.has(features, DRIFT_CPU_NEON):
        functions = drift_kernels_neon()
    #endif
    #if arch(arm64)
      case .dotprod where KernelSet.has(features, DRIFT_CPU_DOTPROD):
        functions = drift_kernels_dotprod()
      case .i8mm where KernelSet.has(features, DRIFT_CPU_DOTPROD) && KernelSet.has(features, DRIFT_CPU_I8MM):
        functions = drift_kernels_i8mm()
    #endif
    default:
      return nil
    }
  }

  private static func has(_ features: UInt32, _ feature: drift_cpu_feature) -> Bool {
    features & UInt32(truncatingIfNeeded: feature.rawValue) != 0
  }

  /// The fastest set that this CPU runs.
  public static var best: KernelSet {
    #if arch(x86_64)
      KernelSet(.avx512vnni) ?? KernelSet(.avxvnni) ?? KernelSet(.avx2) ?? scalar
    #else
      KernelSet(.i8mm) ?? KernelSet(.dotprod) ?? KernelSet(.neon) ?? scalar
    #endif
  }

  /// The set that every CPU runs.
  public static var scalar: KernelSet { KernelSet(kind: .scalar, functions: drift_kernels_scalar()) }

  /// The set of that name (a zero-terminated string), or nil if there is none or this CPU lacks it.
  public init?(named name: UnsafePointer<CChar>) {
    var index: Int32 = 0
    while let kind = Kind(rawValue: index) {
      if KernelSet.matches(name, kind.name) {
        self.init(kind)
        return
      }
      index &+= 1
    }
    return nil
  }

  /// The set that the environment variable SPINDRIFT_KERNEL names, or the fastest if it is not set; nil if it names none of this CPU's.
  public static func fromEnvironment() -> KernelSet? {
    let variable: StaticString = "SPINDRIFT_KERNEL"
    let value = variable.utf8Start.withMemoryRebound(to: CChar.self, capacity: variable.utf8CodeUnitCount + 1) {
      drift_environment($0)
    }
    guard let value else { return best }
    return KernelSet(named: value)
  }

  /// Multiplies and adds in registers alone, as fast as this set's instructions go: the peak that benchmarks compare with.
  /// - Returns: The number of int8 multiply-adds done.
  public func peakLoop(iterations: Int) -> UInt64 {
    functions.pointee.peak(UInt32(truncatingIfNeeded: iterations))
  }

  private init(kind: Kind, functions: UnsafePointer<drift_kernel_set>) {
    self.kind = kind
    self.functions = functions
  }

  private static func matches(_ name: UnsafePointer<CChar>, _ expected: StaticString) -> Bool {
    let bytes = expected.utf8Start
    for i in 0..<expected.utf8CodeUnitCount where UInt8(bitPattern: name[i]) != bytes[i] { return false }
    return name[expected.utf8CodeUnitCount] == 0
  }
}

#if !hasFeature(Embedded)
  extension KernelSet.Kind: CaseIterable {}
#endif

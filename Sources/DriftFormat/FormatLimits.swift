/// The numbers that `docs/format.md` gives to the verifier. A file beyond any of them is refused.
public enum FormatLimits {
  /// Kernels may read this many bytes past the end of a tensor; the arena ends with as many unused bytes.
  public static let arenaTailBytes: UInt64 = 64
  /// Arena for `max_threads` threads, so that every address in it fits a 32-bit signed integer.
  public static let arenaBytes: UInt64 = 0x7FFF_FFC0
  /// Sections in one file, optional ones included.
  public static let sections: UInt32 = 64
  /// Height, width or channels of a tensor.
  public static let extent: UInt32 = 65535
  /// Tensors that may be alive at one operator.
  public static let liveTensors = 1024
  /// Threads that a file may ask memory for.
  public static let threads: UInt32 = 256
}

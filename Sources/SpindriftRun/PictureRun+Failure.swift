import CDriftPlatform
import DriftFormat
import DriftTool
import Spindrift

extension PictureRun {
  /// What is wrong with a model or with what was asked of it.
  static func failure(_ model: UnsafePointer<CChar>, _ error: DriftError) -> ExitStatus {
    if error.code == .cancelled {
      StandardError.begin()
      StandardError.write("stopped; nothing was written\n")
    } else {
      StandardError.write("spindrift-run: ", model, error)
    }
    return .failed
  }

  static func failure(count: Int, noise: Int) -> ExitStatus {
    StandardError.begin()
    StandardError.write("--count ")
    StandardError.write(count)
    StandardError.write(": --noise holds ")
    StandardError.write(noise)
    StandardError.write(" samples; give as many as pictures\n")
    return .failed
  }

  static func kernelFailure(_ option: UnsafePointer<CChar>?) -> ExitStatus {
    StandardError.begin()
    if let option {
      StandardError.write("--kernel ")
      StandardError.write(argument: option)
    } else {
      StandardError.write("SPINDRIFT_KERNEL")
    }
    StandardError.write(": names no kernels of this CPU; leave it out, or use scalar")
    #if arch(x86_64)
      StandardError.write(", avx2, avxvnni or avx512vnni")
    #elseif arch(arm64)
      StandardError.write(", neon, dotprod or i8mm")
    #elseif arch(arm)
      StandardError.write(" or neon")
    #endif
    StandardError.write("\n")
    return .failed
  }
}

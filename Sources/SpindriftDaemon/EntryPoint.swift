import CDriftPlatform
import DriftTool

/// `spindriftd`, called by `main`: the exit status.
@c(spindrift_daemon_main)
public func daemonMain(_ count: Int32, _ vector: UnsafePointer<UnsafeMutablePointer<CChar>?>?) -> Int32 {
  guard let arguments = Arguments(count: count, vector: vector) else { return ExitStatus.usage.rawValue }
  do throws(ExitStatus) {
    guard let options = try DaemonOptions(arguments) else {
      _ = drift_write_all(1, usage.utf8Start, usage.utf8CodeUnitCount)
      return 0
    }
    var daemon = try Daemon(options)
    try daemon.run()
    return 0
  } catch {
    return error.rawValue
  }
}

private var usage: StaticString {
  """
  usage: spindriftd --model MODEL.drift --socket PATH [--threads N] [--timeout SECONDS]

  Generates pictures for whoever connects to the Unix socket at PATH, one request at a time, until SIGTERM or SIGINT.

    --threads N          threads (default 1); the result does not depend on it
    --timeout SECONDS    a client that takes longer for a frame is dropped (default 10)

  SPINDRIFT_KERNEL=scalar|avx2|avxvnni|avx512vnni|neon|dotprod|i8mm chooses the kernels; the result does not depend on it.

  """
}

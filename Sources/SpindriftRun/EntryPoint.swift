import CDriftPlatform
import DriftTool

/// `spindrift-run`, called by `main`: the exit status.
@c(spindrift_run_main)
public func runMain(_ count: Int32, _ vector: UnsafePointer<UnsafeMutablePointer<CChar>?>?) -> Int32 {
  guard let arguments = Arguments(count: count, vector: vector) else { return ExitStatus.usage.rawValue }
  do throws(ExitStatus) {
    guard let options = try RunOptions(arguments) else {
      _ = drift_write_all(1, usage.utf8Start, usage.utf8CodeUnitCount)
      return 0
    }
    _ = drift_signal_flag_install()
    var run = try PictureRun(options)
    try run.run()
    return 0
  } catch {
    return error.rawValue
  }
}

private var usage: StaticString {
  """
  usage: spindrift-run MODEL.drift -o OUT.png [--raw OUT.npy] [options]

    -o, --output OUT.png   the pictures; several become one grid
    --raw OUT.npy          the samples as float32 [N,C,H,W] in the model's own range
    --seed S               seed of all noise (default 0); picture i is sample i of the seed
    --count N              number of pictures, 1 to 4096 (default 1, or as many as --noise holds)
    --class K              class label (default: none)
    --guidance W           weight of classifier-free guidance (default 1: none)
    --threads N            threads (default 1); the result does not depend on it
    --kernel NAME          scalar, avx2, avxvnni, avx512vnni, neon, dotprod or i8mm (default: the fastest that this CPU has);
                           the result does not depend on it
    --events KIND          of a spiking model: graded (whole differences, the default) or ternary (one level a time step)
    --spike-steps N        time steps of an evaluation with ternary events (default: until all neurons are at rest)
    --state KIND           of a spiking model: delta (kept from step to step, the default) or reset
    --strategy NAME        of a spiking model: auto (by cost, the default), dense, gather or scatter; the result does not depend on it
    --costs A,B,C,D,E      what auto goes by, as spindrift bench prints it
    --noise IN.npy         starting noise, float32 [C,H,W] or [N,C,H,W], instead of the seed's

  The environment variable SPINDRIFT_KERNEL stands for --kernel where that is not given.

  """
}

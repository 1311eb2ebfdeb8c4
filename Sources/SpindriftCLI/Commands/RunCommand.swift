import ArgumentParser
import DriftEvaluation
import DriftImport

/// `spindrift run`: makes pictures.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Make pictures with a .drift file, or with the float reference of a checkpoint.",
    discussion: """
      The same .drift file, seed and class give the same bytes here and with spindrift-run on every board. Picture i of --count is sample i \
      of the seed. Several pictures become one grid.
      """)

  @Argument(help: ArgumentHelp("A .drift file or a checkpoint.", valueName: "model"))
  var model: String

  @Option(name: .shortAndLong, help: ArgumentHelp("The pictures as PNG.", valueName: "out.png"))
  var output: String?

  @Option(help: ArgumentHelp("The pictures as float32 [N,C,H,W] in the model's own range.", valueName: "out.npy"))
  var raw: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("Seed of all noise.", valueName: "s"))
  var seed: UInt64 = 0

  @Option(parsing: .unconditional, help: ArgumentHelp("Number of pictures.", valueName: "n"))
  var count: Int?

  @Option(name: .customLong("class"), parsing: .unconditional, help: ArgumentHelp("Class label (default: none).", valueName: "k"))
  var classLabel: Int?

  @Option(parsing: .unconditional, help: ArgumentHelp("Weight of classifier-free guidance; 1 is none.", valueName: "w"))
  var guidance: Float = 1

  @Option(help: ArgumentHelp("Threads of a .drift file's session.", valueName: "n"))
  var threads: Int = 1

  @Option(help: ArgumentHelp("Kernels of a .drift file's session (default: the fastest): \(Kernels.names).", valueName: "name"))
  var kernel: String?

  @Option(help: ArgumentHelp("Starting noise, float32 [C,H,W] or [N,C,H,W], instead of the seed's.", valueName: "in.npy"))
  var noise: String?

  @OptionGroup(title: "Spiking programs") var spiking: SpikingRunOptions

  @OptionGroup(title: "Options for checkpoints") var sampler: SamplerOptions

  mutating func validate() throws {
    if let count, !(1...4096).contains(count) { throw ValidationError("--count \(count): must be between 1 and 4096") }
    try ClassOption.validate(guidance: guidance)
    guard threads >= 1 else { throw ValidationError("--threads \(threads): at least one is needed") }
    try ClassOption.validate(classLabel)
  }

  func run() throws {
    // Not in validate(), which comes before the parser names a misspelt option.
    guard output != nil || raw != nil else { throw ValidationError("Nothing to write: give -o OUT.png, --raw OUT.npy or both") }
    let picture = try output.map { try OutputFile($0) }, array = try raw.map { try OutputFile($0) }
    try OutputFile.refuseSame(output, raw)
    let source = try ModelPath.open(model, sampler: sampler, threads: threads, kernel: kernel, spiking: spiking)
    if picture != nil { try PictureSheet(source).check(instead: "use --raw OUT.npy") }
    try ClassOption.check(classLabel, of: source, model)
    try ClassOption.check(guidance: guidance, of: source, model)
    let starts = try noise.map { try SampleArray(path: $0, option: "--noise", source: source).all }
    if let starts, let count, count > starts.count {
      throw CommandError("--count \(count): --noise holds \(starts.count) samples; give as many as pictures")
    }
    let total = count ?? starts?.count ?? 1

    let progress = ProgressBar()
    defer { progress.finish() }
    let pictures = try (0..<total).map { index in
      let request = PictureRequest(
        seed: seed, sampleIndex: UInt32(truncatingIfNeeded: index), classLabel: classLabel, guidance: guidance,
        noise: starts?[index])
      return try source.generate(request) {
        progress.update("sampling", index * source.stepCount + $0, of: total * source.stepCount)
      }
    }
    progress.finish()
    if spiking.events == .ternary, let integer = source as? IntegerSource {
      let (steps, distance) = integer.lastSpiking
      StandardError.note(
        "the last step took \(steps) spike time steps; its neurons were \(distance) levels from rest")
    }
    try picture?.write(PictureSheet(source).png(pictures))
    try array?.write(NPYArray(shape: [total, source.channels, source.height, source.width], pictures.flatMap { $0 }).encoded())
  }
}

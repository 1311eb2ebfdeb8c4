import Foundation
import Testing

@Suite("Bad input on the command line")
struct BadInputTests {
  /// One clear line, no crash, nothing on standard output.
  private func expectRefusal(_ outcome: CommandLineTool.Outcome, _ parts: [String], location: SourceLocation = #_sourceLocation) {
    #expect(!outcome.crashed, sourceLocation: location)
    #expect(outcome.status == 1, sourceLocation: location)
    #expect(outcome.output == "", sourceLocation: location)
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)", sourceLocation: location)
    for part in parts { #expect(outcome.errors.contains(part), "\(part) in: \(outcome.errors)", sourceLocation: location) }
  }

  @Test("a misspelt option is named even where it leaves nothing to write")
  func misspeltOutput() throws {
    let outcome = try CommandLineTool.run("run x --outptu y")
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("--outptu"), "\(outcome.errors)")
  }

  @Test(
    "a misspelt or senseless option is a usage error, status 64",
    arguments: [
      "convert", "convert x", "convert x -o y --sampler karras", "convert x -o y --steps 0", "convert x -o y --steps many",
      "convert x -o y --eta 2", "convert x -o y --step-groups 0", "convert x -o y --target fpga",
      "convert x -o y --calibration-samples 0", "convert x -o y --levels 0", "convert x -o y --levels 256",
      "convert x -o y --target spiking --hysteresis 255", "convert x -o y --hysteresis 1",
      "convert x -o y --threshold-guidance --step-cache 2",
      "convert x -o y --guidance-skip sometimes", "convert x -o y --guidance 2", "convert x -o y --guidance-threshold 0.999",
      "convert x -o y --guidance-estimates 2", "convert x -o y --guidance-skip none --guidance 2",
      "convert x -o y --guidance-skip adaptive --guidance 1", "convert x -o y --guidance-skip linear --guidance 0",
      "convert x -o y --guidance-skip linear --guidance -2", "convert x -o y --guidance-skip linear --guidance 2000",
      "convert x -o y --guidance-skip adaptive --guidance-threshold 1",
      "convert x -o y --guidance-skip adaptive --guidance-threshold 0",
      "convert x -o y --guidance-skip adaptive --guidance-threshold nan",
      "convert x -o y --guidance-skip adaptive --guidance-estimates 2",
      "convert x -o y --guidance-skip linear --guidance-estimates 0",
      "convert x -o y --guidance-skip linear --guidance-estimates 17",
      "convert x -o y --calibration normal", "convert x -o y --smapler ddim", "run x", "run x -o y --count 0",
      "run x -o y --class -1",
      "run x -o y --guidance nan", "run x -o y --guidance -2", "run x -o y --guidance 1e30", "run x -o y --threads 0",
      "run x -o y --seed -1", "eval x --input y -o z",
      "eval x --timestep 1 -o z",
      "compare x", "compare x y --samples 0", "inspect", "inspect x --jsno", "verify", "verify x y", "bench x --threads 0",
      "brench x",
    ])
  func usage(line: String) throws {
    let outcome = try CommandLineTool.run(line)
    #expect(outcome.status == 64)
    #expect(outcome.output == "")
    #expect(outcome.errors.contains("Error:") && outcome.errors.contains("Usage:"))
  }

  @Test("a path that does not exist is named by every command")
  func missing() throws {
    let folder = try TemporaryFolder()
    let (nothing, output) = (folder.path("nothing.drift"), folder.path("out"))
    let checkpoint = folder.path("no-such-folder")
    expectRefusal(try CommandLineTool.run(["verify", nothing]), [nothing, "No such file"])
    expectRefusal(try CommandLineTool.run(["inspect", nothing, "--json"]), [nothing])
    expectRefusal(try CommandLineTool.run(["bench", nothing]), [nothing])
    expectRefusal(try CommandLineTool.run(["run", nothing, "-o", output]), [nothing])
    expectRefusal(try CommandLineTool.run(["run", checkpoint, "-o", output]), [checkpoint])
    expectRefusal(try CommandLineTool.run(["convert", checkpoint, "-o", output]), [checkpoint])
    expectRefusal(try CommandLineTool.run(["compare", checkpoint, try ConvertedModels.plain()]), [checkpoint])
    expectRefusal(try CommandLineTool.run(["compare", CommandLineTool.fixture("plain"), nothing]), [nothing])
    expectRefusal(
      try CommandLineTool.run(["eval", try ConvertedModels.plain(), "--input", nothing, "--timestep", "1", "-o", output]), [nothing]
    )
    #expect(try folder.names().isEmpty)
  }

  @Test("a folder without a configuration is no checkpoint")
  func emptyFolder() throws {
    let folder = try TemporaryFolder()
    expectRefusal(try CommandLineTool.run(["convert", folder.path("."), "-o", folder.path("m.drift")]), ["config.json"])
    #expect(try folder.names().isEmpty)
  }

  @Test("truncated and overlong weights are refused with the file's name")
  func spoiltWeights() throws {
    let folder = try TemporaryFolder()
    let checkpoint = try folder.copy(CommandLineTool.fixture("plain"), as: "checkpoint")
    let weights = URL(fileURLWithPath: checkpoint + "/diffusion_pytorch_model.safetensors")
    let whole = try Data(contentsOf: weights)
    for spoilt in [whole.prefix(whole.count - 1), whole + Data([0]), whole.prefix(4), Data()] {
      try spoilt.write(to: weights)
      expectRefusal(
        try CommandLineTool.run(["convert", checkpoint, "-o", folder.path("m.drift")]), ["diffusion_pytorch_model.safetensors"])
    }
    #expect(try folder.names() == ["checkpoint"])
  }

  @Test("weights that are not numbers are refused with the tensor's name")
  func notNumbers() throws {
    let folder = try TemporaryFolder()
    let checkpoint = try folder.copy(CommandLineTool.fixture("plain"), as: "checkpoint")
    let weights = URL(fileURLWithPath: checkpoint + "/diffusion_pytorch_model.safetensors")
    var bytes = try Data(contentsOf: weights)
    bytes.replaceSubrange(bytes.count - 4..<bytes.count, with: [0, 0, 0xC0, 0x7F])
    try bytes.write(to: weights)
    let outcome = try CommandLineTool.run(["convert", checkpoint, "-o", folder.path("m.drift")])
    expectRefusal(outcome, ["diffusion_pytorch_model.safetensors"])
    #expect(try folder.names() == ["checkpoint"])
  }

  @Test("a configuration with a value of the wrong type or an unknown block is refused by its key")
  func spoiltConfiguration() throws {
    let folder = try TemporaryFolder()
    let checkpoint = try folder.copy(CommandLineTool.fixture("plain"), as: "checkpoint")
    let path = checkpoint + "/config.json"
    let config = try String(contentsOfFile: path, encoding: .utf8)
    for (found, spoilt, key) in [
      ("\"norm_num_groups\": 2", "\"norm_num_groups\": \"two\"", "norm_num_groups"),
      ("\"DownBlock2D\"", "\"DoomBlock2D\"", "DoomBlock2D"),
      ("\"time_embedding_dim\": 8", "\"time_embedding_dim\": 12", "time_embedding.linear_1.weight"),
    ] {
      try #require(config.contains(found))
      try config.replacingOccurrences(of: found, with: spoilt).write(toFile: path, atomically: true, encoding: .utf8)
      expectRefusal(try CommandLineTool.run(["convert", checkpoint, "-o", folder.path("m.drift")]), [key])
    }
    #expect(try folder.names() == ["checkpoint"])
  }

  @Test("a .drift file cut at any of many places is refused with an error number")
  func truncatedModel() throws {
    let folder = try TemporaryFolder()
    let bytes = try Data(contentsOf: URL(fileURLWithPath: try ConvertedModels.plain()))
    let path = folder.path("cut.drift")
    for length in [1, 7, 8, 100, 127, 128, 1000, bytes.count / 2, bytes.count - 64, bytes.count - 1] {
      try bytes.prefix(length).write(to: URL(fileURLWithPath: path))
      let outcome = try CommandLineTool.run(["verify", path])
      #expect(!outcome.crashed && outcome.status == 1)
      #expect(outcome.errors.hasPrefix("Error: \(path): ") && outcome.errors.contains("(error 1"), "\(outcome.errors)")
    }
    try Data().write(to: URL(fileURLWithPath: path))
    expectRefusal(try CommandLineTool.run(["verify", path]), [path, "empty"])
    expectRefusal(try CommandLineTool.run(["run", path, "-o", folder.path("p.png")]), [path])
    #expect(try folder.names() == ["cut.drift"])
  }

  @Test("a .drift file from a newer version is refused as that")
  func newerVersion() throws {
    let folder = try TemporaryFolder()
    var bytes = try Data(contentsOf: URL(fileURLWithPath: try ConvertedModels.plain()))
    bytes[12] = 2
    let path = folder.path("newer.drift")
    try bytes.write(to: URL(fileURLWithPath: path))
    expectRefusal(try CommandLineTool.run(["verify", path]), [path, "version", "error 104", "at byte 12"])
    expectRefusal(try CommandLineTool.run(["inspect", path]), ["error 104"])
  }

  @Test("one changed byte is noticed")
  func changedByte() throws {
    let folder = try TemporaryFolder()
    var bytes = try Data(contentsOf: URL(fileURLWithPath: try ConvertedModels.plain()))
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: URL(fileURLWithPath: folder.path("bad.drift")))
    expectRefusal(try CommandLineTool.run(["verify", folder.path("bad.drift")]), ["bad.drift"])
  }

  @Test("an output that cannot be written is refused before the work begins")
  func unwritable() throws {
    let folder = try TemporaryFolder()
    let below = folder.path("missing/m.drift")
    expectRefusal(try CommandLineTool.run(["convert", CommandLineTool.digits, "-o", below]), [below, folder.path("missing")])
    expectRefusal(try CommandLineTool.run(["convert", CommandLineTool.digits, "-o", folder.path(".")]), ["cannot be written"])
    expectRefusal(try CommandLineTool.run(["run", try ConvertedModels.plain(), "-o", below]), [below])
    #expect(try folder.names().isEmpty)
  }

  @Test("a full disk is reported and leaves neither a part nor a changed file behind")
  func diskFull() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("m.drift")
    try Data("precious".utf8).write(to: URL(fileURLWithPath: path))
    let convert = ["convert", CommandLineTool.fixture("plain"), "-o", path, "--steps", "2", "--calibration-samples", "1"]
    expectRefusal(try CommandLineTool.run(convert, shell: "ulimit -f 16"), [path, "cannot be written"])
    #expect(try folder.names() == ["m.drift"])
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
    #expect(try CommandLineTool.run(convert).status == 0)
    #expect(try folder.names() == ["m.drift"])

    for option in ["-o", "--raw"] {
      let outcome = try CommandLineTool.run(["run", try ConvertedModels.plain(), option, "/dev/full"])
      expectRefusal(outcome, ["/dev/full", "No space left on device"])
    }
    let printed = try CommandLineTool.run(["inspect", try ConvertedModels.plain()], shell: "exec >/dev/full")
    #expect(printed.status == 1)
    #expect(printed.errors.contains("standard output"))
  }

  @Test("requests that a model cannot serve name the option and the way out")
  func requests() throws {
    let folder = try TemporaryFolder()
    let out = folder.path("p.png")
    let (plain, classes) = (try ConvertedModels.plain(), try ConvertedModels.classes())
    expectRefusal(try CommandLineTool.run(["run", plain, "-o", out, "--class", "1"]), ["--class 1", "unconditional"])
    expectRefusal(try CommandLineTool.run(["run", classes, "-o", out, "--class", "99"]), ["--class 99", "0 to "])
    expectRefusal(try CommandLineTool.run(["run", classes, "-o", out]), ["--class"])
    expectRefusal(try CommandLineTool.run(["run", plain, "-o", out, "--guidance", "2"]), ["--guidance 2"])
    expectRefusal(try CommandLineTool.run(["run", plain, "-o", out, "--threads", "1000"]), ["threads", "1000"])
    expectRefusal(try CommandLineTool.run(["run", plain, "-o", out, "--steps", "5"]), ["--steps", ".drift"])
    let checkpoint = CommandLineTool.fixture("plain")
    expectRefusal(try CommandLineTool.run(["run", checkpoint, "-o", out, "--steps", "100000"]), ["100000"])
    expectRefusal(try CommandLineTool.run(["run", checkpoint, "-o", out, "--threads", "2"]), ["--threads 2"])
    expectRefusal(try CommandLineTool.run(["run", plain, "-o", ""]), ["empty"])
    expectRefusal(
      try CommandLineTool.run(["convert", checkpoint, "-o", out, "--steps", "4", "--step-groups", "5"]),
      ["--step-groups 5", "4 steps"])
    expectRefusal(try CommandLineTool.run(["convert", checkpoint, "-o", out, "--sampler", "ddpm", "--eta", "1"]), ["--eta"])
    let text = folder.path("text")
    try Data("This is no model.".utf8).write(to: URL(fileURLWithPath: text))
    expectRefusal(try CommandLineTool.run(["run", text, "-o", out]), [text])
    expectRefusal(try CommandLineTool.run(["convert", text, "-o", out]), [text, "expected the folder"])
    expectRefusal(try CommandLineTool.run(["run", plain, "-o", out, "--noise", text]), [text, ".npy"])
    try FileManager.default.removeItem(atPath: text)
    #expect(try folder.names().isEmpty)
  }

  @Test("--help and --version succeed")
  func help() throws {
    for command in ["", "convert ", "run ", "eval ", "compare ", "inspect ", "verify ", "bench "] {
      let outcome = try CommandLineTool.run(command + "--help")
      #expect(outcome.status == 0)
      #expect(outcome.output.contains("USAGE: spindrift"))
    }
    #expect(try CommandLineTool.run("--version").output.contains("."))
  }
}

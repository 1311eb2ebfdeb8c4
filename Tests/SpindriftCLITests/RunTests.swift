import Foundation
import Testing

@Suite("spindrift run and eval")
struct RunTests {
  @Test("writes a grid of grey pictures and their values")
  func pictures() throws {
    let folder = try TemporaryFolder()
    let outcome = try CommandLineTool.run([
      "run", try ConvertedModels.plain(), "-o", folder.path("p.png"), "--raw", folder.path("p.npy"), "--count", "5",
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output == "" && outcome.errors == "")
    let picture = try #require(Picture(folder.path("p.png")))
    #expect(picture.size == "24x16x1")
    #expect(Set(picture.pixels).count > 20)
    #expect(try ArrayFile(folder.path("p.npy")).shape == [5, 1, 8, 8])
    #expect(try folder.names() == ["p.npy", "p.png"])
  }

  @Test("writes colour pictures of a model with three channels")
  func colour() throws {
    let folder = try TemporaryFolder()
    let outcome = try CommandLineTool.run([
      "run", CommandLineTool.fixture("centered-colour"), "--steps", "2", "-o", folder.path("p.png"),
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(Picture(folder.path("p.png"))?.channels == 3)
  }

  @Test("gives the same bytes for the same seed and other ones for another")
  func seeds() throws {
    let folder = try TemporaryFolder()
    func values(_ seed: Int) throws -> [Float] {
      _ = try CommandLineTool.run([
        "run", try ConvertedModels.plain(), "--raw", folder.path("r.npy"), "--seed", "\(seed)", "--count", "2",
      ])
      return try ArrayFile(folder.path("r.npy")).values
    }
    let first = try values(7)
    #expect(try values(7) == first)
    #expect(try values(8) != first)
    #expect(Array(first[..<64]) != Array(first[64...]))
  }

  @Test("picture i of a count is sample i of the seed: a shorter run is its beginning")
  func prefix() throws {
    let folder = try TemporaryFolder()
    for count in [1, 3] {
      _ = try CommandLineTool.run(["run", try ConvertedModels.plain(), "--raw", folder.path("\(count).npy"), "--count", "\(count)"])
    }
    let long = try ArrayFile(folder.path("3.npy")).values
    #expect(try ArrayFile(folder.path("1.npy")).values == Array(long[..<64]))
  }

  @Test("every kernel set and number of threads gives the same bytes")
  func kernels() throws {
    let folder = try TemporaryFolder()
    func values(_ environment: [String: String], _ options: [String] = []) throws -> Data? {
      let arguments = ["run", try ConvertedModels.digits(), "--class", "3", "--raw", folder.path("k.npy")] + options
      let outcome = try CommandLineTool.run(arguments, environment: environment)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return FileManager.default.contents(atPath: folder.path("k.npy"))
    }
    let best = try values([:])
    #expect(best != nil)
    #expect(try values(["SPINDRIFT_KERNEL": "scalar"]) == best)
    #expect(try values([:], ["--threads", "2"]) == best)
  }

  @Test(
    "gives the pixels and the bytes that spindrift-run gives",
    arguments: ["--count 3 --class 5 --seed 9", "--class 2 --guidance 3"])
  func deviceProgram(options: String) throws {
    let folder = try TemporaryFolder()
    for name in ["spindrift", "spindrift-run"] {
      let arguments = [try ConvertedModels.digits(), "-o", folder.path(name + ".png"), "--raw", folder.path(name + ".npy")]
      let command = (name == "spindrift" ? ["run"] : []) + arguments + options.split(separator: " ").map(String.init)
      let outcome = try CommandLineTool.run(command, program: name)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    #expect(try ArrayFile(folder.path("spindrift.npy")).values == ArrayFile(folder.path("spindrift-run.npy")).values)
    let picture = try #require(Picture(folder.path("spindrift.png")))
    #expect(Picture(folder.path("spindrift-run.png")) == picture)
  }

  @Test("classes and guidance change the picture")
  func guidance() throws {
    let folder = try TemporaryFolder()
    func values(_ options: String) throws -> [Float] {
      let outcome = try CommandLineTool.run("run \(try ConvertedModels.digits()) --raw \(folder.path("g.npy")) \(options)")
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try ArrayFile(folder.path("g.npy")).values
    }
    let three = try values("--class 3")
    #expect(try values("--class 4") != three)
    #expect(try values("--class 3 --guidance 2") != three)
    #expect(try values("--class 3 --guidance 1") == three)
    #expect(try values("") == values("--class 10"))
  }

  @Test("starts from given noise")
  func noise() throws {
    let folder = try TemporaryFolder()
    let golden = CommandLineTool.digits + "/goldens/x_T.npy"
    let outcome = try CommandLineTool.run([
      "run", try ConvertedModels.digits(), "--class", "1", "--noise", golden, "--count", "2", "--raw", folder.path("n.npy"),
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try ArrayFile(folder.path("n.npy")).shape == [2, 1, 32, 32])

    let other = folder.path("other.npy")
    try ArrayFile(shape: [1, 16, 16], values: [Float](repeating: 0, count: 256)).write(other)
    let refused = try CommandLineTool.run(["run", try ConvertedModels.digits(), "--noise", other, "--raw", folder.path("n.npy")])
    #expect(refused.status == 1)
    #expect(refused.errors.contains("[1, 16, 16]") && refused.errors.contains("[1, 32, 32]"))
  }

  @Test("runs a checkpoint in float, close to what the file makes of the same noise")
  func floatReference() throws {
    let folder = try TemporaryFolder()
    let common = ["--class", "7", "--raw"]
    _ = try CommandLineTool.run(["run", CommandLineTool.digits, "--steps", "5"] + common + [folder.path("f.npy")])
    _ = try CommandLineTool.run(["run", try ConvertedModels.digits()] + common + [folder.path("q.npy")])
    let float = try ArrayFile(folder.path("f.npy")).values, integer = try ArrayFile(folder.path("q.npy")).values
    let error = zip(float, integer).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Float(float.count)
    #expect(error > 0)
    #expect(error < 4 * 1e-3, "PSNR below 30 dB")
  }

  @Test("eval answers PyTorch's goldens in float, and near to them with the file")
  func eval() throws {
    let folder = try TemporaryFolder()
    let goldens = CommandLineTool.digits + "/goldens/"
    let inputs = try ArrayFile(goldens + "golden_input.npy"), outputs = try ArrayFile(goldens + "golden_output.npy")
    // Row 2 of the goldens; its timestep and class are int64 arrays, read here by hand.
    func integer(_ name: String) throws -> Int {
      let data = try Data(contentsOf: URL(fileURLWithPath: goldens + name))
      let start = 10 + Int(data[8]) + 8 * 2
      return data[start..<start + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    let size = 1024, row = 2 * size..<3 * size
    try ArrayFile(shape: [1, 32, 32], values: Array(inputs.values[row])).write(folder.path("x.npy"))
    let arguments = [
      "--input", folder.path("x.npy"), "--timestep", "\(try integer("golden_timestep.npy"))", "--class",
      "\(try integer("golden_class.npy"))", "-o", folder.path("e.npy"),
    ]
    let outcome = try CommandLineTool.run(["eval", CommandLineTool.digits] + arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let answer = try ArrayFile(folder.path("e.npy"))
    #expect(answer.shape == [1, 32, 32])
    let late = try CommandLineTool.run([
      "eval", CommandLineTool.digits, "--input", folder.path("x.npy"), "--timestep", "1000", "-o", folder.path("l.npy"),
    ])
    #expect(late.status == 1)
    #expect(late.errors.contains("0 to 999"))
    let expected = Array(outputs.values[row])
    func ratio(_ found: [Float]) -> Float {
      let error = zip(expected, found).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      return 10 * log10(expected.reduce(0) { $0 + $1 * $1 } / error)
    }
    #expect(ratio(answer.values) > 90)
  }

  @Test("eval of a file answers at its own timesteps and names the nearest otherwise")
  func evalTimesteps() throws {
    let folder = try TemporaryFolder()
    let model = try ConvertedModels.plain()
    let timesteps = try #require(try CommandLineTool.run(["inspect", model, "--json"]).object()["timesteps"] as? [Double])
    try ArrayFile(shape: [2, 1, 8, 8], values: (0..<128).map { Float($0 % 7) / 7 }).write(folder.path("x.npy"))
    func eval(_ timestep: Double) throws -> CommandLineTool.Outcome {
      try CommandLineTool.run([
        "eval", model, "--input", folder.path("x.npy"), "--timestep", "\(timestep)", "-o", folder.path("e.npy"),
      ])
    }
    #expect(try eval(timesteps[1]).status == 0)
    #expect(try ArrayFile(folder.path("e.npy")).shape == [2, 1, 8, 8])
    let refused = try eval(timesteps[1] + 1)
    #expect(refused.status == 1)
    #expect(refused.errors.contains("\(Int(timesteps[1]))"))
  }
}

import Foundation
import Testing

/// Whole pipelines of diffusers, from the folder to int8 pictures.
@Suite("Pipelines on the command line")
struct PipelineTests {
  private static func folder(_ name: String) -> String {
    CommandLineTool.root.appendingPathComponent("Tests/DriftImportTests/Fixtures/pipelines/\(name)").path
  }

  /// Two prompts as the file's classes; the second one stands for "no class".
  private static let prompts = [
    "--context", "\(folder("stable-diffusion"))/encoder_hidden_states.npy", "--null-class", "1",
  ]

  private static let files = Result {
    let folder = try TemporaryFolder()
    let outcome = try CommandLineTool.run(
      [
        "convert", Self.folder("stable-diffusion"), "-o", folder.path("prompts.drift"), "--steps", "8", "--calibration-samples",
        "16",
      ]
        + prompts)
    try #require(outcome.status == 0, "\(outcome.errors)")
    return folder
  }

  private func figure(_ outcome: CommandLineTool.Outcome, _ group: String, _ key: String) throws -> Double {
    try #require((try outcome.object()[group] as? [String: Any])?[key] as? Double, "\(group).\(key): \(outcome.errors)")
  }

  @Test("int8 pictures of a prompt are those of the float pipeline, with and without guidance", arguments: ["1", "3"])
  func pictures(guidance: String) throws {
    let model = try Self.files.get().path("prompts.drift")
    let outcome = try CommandLineTool.run(
      ["compare", Self.folder("stable-diffusion"), model, "--samples", "12", "--guidance", guidance, "--json"] + Self.prompts)
    try #require(outcome.status == 0, "\(outcome.errors)")
    #expect(try figure(outcome, "psnr_db", "median") > 38)
    #expect(try figure(outcome, "psnr_db", "p5") > 34)
  }

  @Test("a file knows its prompts as classes, and no class is the null class's")
  func prompts() throws {
    let folder = try Self.files.get(), model = folder.path("prompts.drift")
    func pictures(_ options: String...) throws -> [Float] {
      let raw = folder.path("picture.npy")
      let outcome = try CommandLineTool.run(["run", model, "--raw", raw, "--seed", "3"] + options)
      try #require(outcome.status == 0, "\(outcome.errors)")
      let array = try ArrayFile(raw)
      #expect(array.shape == [1, 3, 16, 16])
      return array.values
    }
    let (first, second) = (try pictures("--class", "0"), try pictures("--class", "1"))
    #expect(first != second)
    #expect(try pictures() == second)
    #expect(try pictures("--class", "0", "--guidance", "3") != first)
    #expect(try pictures("--class", "0", "--kernel", "scalar") == first)
    let outcome = try CommandLineTool.run(["run", model, "--raw", folder.path("no.npy"), "--class", "2"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("0 to 1"))
  }

  @Test("the board's program writes the same picture")
  func board() throws {
    let folder = try Self.files.get(), model = folder.path("prompts.drift")
    for (program, name) in [("spindrift", "host"), ("spindrift-run", "board")] {
      let outcome = try CommandLineTool.run(
        (program == "spindrift" ? ["run"] : []) + [
          model, "--raw", folder.path("\(name).npy"), "-o", folder.path("\(name).png"),
          "--seed", "9", "--class", "0", "--guidance", "2",
        ],
        program: program)
      try #require(outcome.status == 0, "\(outcome.errors)")
    }
    #expect(try ArrayFile(folder.path("host.npy")).values == ArrayFile(folder.path("board.npy")).values)
    #expect(try ArrayFile(folder.path("board.npy")).shape == [1, 3, 16, 16])
  }

  @Test("inspect lists the denoiser and the decoder")
  func inspection() throws {
    let model = try Self.files.get().path("prompts.drift")
    let object = try CommandLineTool.run(["inspect", model, "--json"]).object()
    let programs = try #require(object["programs"] as? [[String: Any]])
    #expect(programs.compactMap { $0["role"] as? String } == ["denoiser", "decoder"])
    #expect(programs.compactMap { $0["steps"] as? Int } == [8, 0])
    #expect(object["class_count"] as? Int == 2 && object["null_class"] as? Int == 1)
    #expect(object["sample_shape"] as? [Int] == [4, 8, 8] && object["picture_shape"] as? [Int] == [3, 16, 16])
    #expect(try CommandLineTool.run(["inspect", model]).output.contains("program decoder: "))
  }

  @Test("one prompt becomes part of a file without classes")
  func onePrompt() throws {
    let folder = try TemporaryFolder(), model = folder.path("one.drift")
    let all = try ArrayFile("\(Self.folder("stable-diffusion"))/encoder_hidden_states.npy")
    let length = all.values.count / all.shape[0]
    try ArrayFile(shape: Array(all.shape.dropFirst()), values: Array(all.values[..<length])).write(folder.path("prompt.npy"))
    let context = ["--context", folder.path("prompt.npy")]
    let outcome = try CommandLineTool.run(
      ["convert", Self.folder("stable-diffusion"), "-o", model, "--steps", "4", "--calibration-samples", "8"] + context)
    try #require(outcome.status == 0, "\(outcome.errors)")
    let compared = try CommandLineTool.run(
      ["compare", Self.folder("stable-diffusion"), model, "--samples", "8", "--json"] + context)
    #expect(try figure(compared, "psnr_db", "median") > 36)
    #expect(
      try CommandLineTool.run(["run", model, "--raw", folder.path("x.npy"), "--class", "0"]).errors.contains("unconditional"))
  }

  @Test("a prompt that is missing or does not fit is asked for by name, and no file is left")
  func missing() throws {
    let folder = try TemporaryFolder(), model = folder.path("none.drift")
    let convert = ["convert", Self.folder("stable-diffusion"), "-o", model, "--steps", "4", "--calibration-samples", "2"]
    let without = try CommandLineTool.run(convert)
    #expect(
      without.status == 1 && without.errors.contains("encoder_hidden_states") && without.errors.contains("--context FILE.npy"))
    try ArrayFile(shape: [5, 7], values: [Float](repeating: 0, count: 35)).write(folder.path("wide.npy"))
    let wide = try CommandLineTool.run(convert + ["--context", folder.path("wide.npy")])
    #expect(wide.status == 1 && wide.errors.contains("[5, 7]"))
    #expect(!FileManager.default.fileExists(atPath: model))
  }

  /// Random weights: classes of a transformer, and codes that are the nearest ones of a small table.
  @Test("pipelines with classes or codes convert", arguments: [("dit", 30.0), ("latent-unconditional", 28.0)])
  func others(name: String, least: Double) throws {
    let folder = try TemporaryFolder(), model = folder.path("model.drift")
    let outcome = try CommandLineTool.run(
      ["convert", Self.folder(name), "-o", model, "--steps", "6", "--calibration-samples", "22"])
    try #require(outcome.status == 0, "\(outcome.errors)")
    let compared = try CommandLineTool.run(["compare", Self.folder(name), model, "--samples", "12", "--json"])
    #expect(try figure(compared, "psnr_db", "median") > least)
  }
}

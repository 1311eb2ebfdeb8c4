import Foundation
import Testing

@Suite("spindrift inspect of checkpoints")
struct InspectCheckpointTests {
  private static func fixture(_ name: String) -> String {
    CommandLineTool.root.appendingPathComponent("Tests/DriftImportTests/Fixtures/\(name)").path
  }

  @Test("says what a diffusers folder is and lists every node of its network")
  func folder() throws {
    let outcome = try CommandLineTool.run(["inspect", CommandLineTool.digits])
    #expect(outcome.status == 0, "\(outcome.errors)")
    for part in [
      "diffusers folder, UNet2DModel", "parameters:  1114209", "1x32x32, noisy sample", "11, 10 means \"no class\"", "epsilon",
      "denoiser: 160 nodes", "convolution 3x3 stride 2 padding 1", "group normalization 8 groups", "timestep and class alone",
    ] { #expect(outcome.output.contains(part), "\(part)") }
    let listing = outcome.output.split(separator: "\n").drop { !$0.hasPrefix("denoiser:") }.dropFirst()
    #expect(listing.count == 160)
  }

  @Test("gives the same as one line of JSON")
  func json() throws {
    let outcome = try CommandLineTool.run(["inspect", CommandLineTool.digits, "--json"])
    #expect(outcome.output.split(separator: "\n").count == 1)
    let object = try outcome.object()
    #expect(object["kind"] as? String == "diffusers folder")
    #expect(object["parameters"] as? Int == 1_114_209)
    #expect(object["sample_shape"] as? [Int] == [1, 32, 32])
    #expect(object["null_class"] as? Int == 10)
    let nodes = try #require((object["denoiser"] as? [String: Any])?["nodes"] as? [[String: Any]])
    let first = try #require(nodes.first { $0["name"] as? String == "conv_in" })
    #expect(first["multiply_adds"] as? Int == 9 * 32 * 32 * 32)
    #expect(first["parameters"] as? Int == 320)
    let work = nodes.filter { $0["dependence"] == nil }.compactMap { $0["multiply_adds"] as? Int }.reduce(0, +)
    #expect(object["multiply_adds_per_step"] as? Int == work)
  }

  @Test("shows an ONNX model with what was recognised in its operators, without a schedule too")
  func onnx() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("model.onnx")
    try FileManager.default.copyItem(atPath: Self.fixture("onnx/pixel-unet-script-17.onnx"), toPath: path)
    let outcome = try CommandLineTool.run(["inspect", path])
    #expect(outcome.status == 0, "\(outcome.errors)")
    for part in ["ONNX model, opset 17", "noisy sample", "SiLU", "missing: ", "--schedule FILE.json", "denoiser: "] {
      #expect(outcome.output.contains(part), "\(part)")
    }
    let refused = try CommandLineTool.run(["convert", path, "-o", folder.path("m.drift")])
    #expect(refused.status == 1)
    #expect(refused.errors.contains("--schedule FILE.json"))
  }

  @Test("takes the options that convert takes for files of tensors")
  func archive() throws {
    let outcome = try CommandLineTool.run(["inspect", Self.fixture("archives/pytorch-ddpm.pt"), "--shape", "3x16x16"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("file of tensors, pytorch-ddpm"))
    #expect(outcome.output.contains("linear from 0.0001 to 0.02"))
  }

  @Test("shows the decoder and the open inputs of a pipeline")
  func pipeline() throws {
    let outcome = try CommandLineTool.run(["inspect", Self.fixture("pipelines/stable-diffusion-xl")])
    #expect(outcome.status == 0, "\(outcome.errors)")
    for part in ["encoder_hidden_states: 6x1x77, context of 77 tokens, open", "decoder: 59 nodes", "pictures:", "input alone"] {
      #expect(outcome.output.contains(part), "\(part)")
    }
  }

  @Test("draws the network whole or not at all")
  func drawing() throws {
    let folder = try TemporaryFolder()
    let outcome = try CommandLineTool.run(["inspect", CommandLineTool.digits, "--svg", folder.path("net.svg")])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let text = try String(contentsOfFile: folder.path("net.svg"), encoding: .utf8)
    #expect(text.components(separatedBy: "class=\"node").count == 161)
    #expect(text.hasSuffix("</svg>\n"))
    #expect(try folder.names() == ["net.svg"])
    let below = folder.path("missing/net.svg")
    let unwritable = try CommandLineTool.run(["inspect", CommandLineTool.digits, "--svg", below])
    #expect(unwritable.status == 1)
    #expect(unwritable.errors.contains(below))
    #expect(unwritable.output.isEmpty)
    let file = try CommandLineTool.run(["inspect", try ConvertedModels.plain(), "--svg", folder.path("other.svg")])
    #expect(file.status == 1)
    #expect(file.errors.contains("--svg"))
    #expect(try folder.names() == ["net.svg"])
  }

  @Test("refuses with the error of convert")
  func refusals() throws {
    let folder = try TemporaryFolder()
    for arguments in [
      [Self.fixture("pytorch/module.pt")],
      [Self.fixture("archives/pytorch-ddpm.pt"), "--shape", "3x16x16", "--architecture", "abacus"],
      [folder.path("missing.onnx")], [folder.path(".")],
    ] {
      let (shown, converted) = (
        try CommandLineTool.run(["inspect"] + arguments),
        try CommandLineTool.run(["convert"] + arguments + ["-o", folder.path("m.drift")])
      )
      #expect(shown.status == 1 && shown.output.isEmpty)
      #expect(shown.errors == converted.errors)
    }
    let option = try CommandLineTool.run(["inspect", try ConvertedModels.plain(), "--shape", "3x16x16"])
    #expect(option.status == 1)
    #expect(option.errors.contains("--shape"))
  }

  @Test(
    "run and eval take an ONNX model and a file of tensors",
    arguments: [
      ("onnx/pixel-unet-script-17.onnx", "--schedule"), ("archives/pytorch-ddpm.pt", "--shape"),
    ])
  func floatReference(file: String, option: String) throws {
    let folder = try TemporaryFolder()
    try #"{"num_train_timesteps": 100}"#.write(toFile: folder.path("schedule.json"), atomically: true, encoding: .utf8)
    let options = [option, option == "--shape" ? "3x16x16" : folder.path("schedule.json")]
    let run = try CommandLineTool.run(["run", Self.fixture(file), "--steps", "2", "--raw", folder.path("x.npy")] + options)
    #expect(run.status == 0, "\(run.errors)")
    let picture = try ArrayFile(folder.path("x.npy"))
    let eval = try CommandLineTool.run(
      ["eval", Self.fixture(file), "--input", folder.path("x.npy"), "--timestep", "10", "-o", folder.path("e.npy")] + options)
    #expect(eval.status == 0, "\(eval.errors)")
    let answer = try ArrayFile(folder.path("e.npy"))
    #expect(answer.shape == picture.shape)
    #expect(answer.values != picture.values)
  }

  @Test("a name that is a checkpoint's means one, even where there is no file")
  func missing() throws {
    let folder = try TemporaryFolder()
    let outcome = try CommandLineTool.run(["run", folder.path("m.onnx"), "--steps", "5", "--raw", folder.path("x.npy")])
    #expect(outcome.status == 1)
    #expect(!outcome.errors.contains("--steps"))
    #expect(outcome.errors.contains("m.onnx"))
  }
}

import Foundation
import Testing

@Suite("spindrift convert")
struct ConvertTests {
  @Test("prints one JSON object with the contract's keys and writes the file that it names")
  func json() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("model.drift")
    let outcome = try CommandLineTool.run([
      "convert", CommandLineTool.fixture("plain"), "-o", path, "--steps", "4", "--calibration-samples", "2", "--json",
    ])
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    let object = try outcome.object()
    #expect(object["output"] as? String == path)
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    #expect(object["file_bytes"] as? Int == size)
    #expect((object["seconds"] as? Double ?? 0) > 0)
    #expect((object["peak_rss_bytes"] as? Int ?? 0) > 1_000_000)
    #expect(try folder.names() == ["model.drift"])
  }

  @Test("writes the same bytes for the same options, and others for another seed")
  func deterministic() throws {
    let folder = try TemporaryFolder()
    func convert(_ name: String, seed: Int) throws -> Data? {
      let options = ["--steps", "3", "--calibration-samples", "2", "--seed", "\(seed)"]
      _ = try CommandLineTool.run(["convert", CommandLineTool.fixture("plain"), "-o", folder.path(name)] + options)
      return FileManager.default.contents(atPath: folder.path(name))
    }
    let first = try convert("a", seed: 1)
    #expect(first != nil)
    #expect(try convert("b", seed: 1) == first)
    #expect(try convert("c", seed: 2) != first)
  }

  @Test("writes a report that needs nothing beside itself, and measures for it what compare measures")
  func report() throws {
    let folder = try TemporaryFolder()
    let outcome = try CommandLineTool.run([
      "convert", CommandLineTool.digits, "-o", folder.path("model.drift"), "--steps", "2", "--calibration-samples", "1", "--report",
      folder.path("report.html"), "--json",
    ])
    #expect(outcome.status == 0)
    let page = try String(contentsOfFile: folder.path("report.html"), encoding: .utf8)
    for part in ["<svg", "data:image/png;base64,", "down_blocks.0.resnets.0.conv1", "Step groups", "next state SQNR"] {
      #expect(page.contains(part), "\(part)")
    }
    let links = page.components(separatedBy: "src=\"").dropFirst() + page.components(separatedBy: "href=\"").dropFirst()
    #expect(links.allSatisfy { $0.hasPrefix("data:") })
    let object = try outcome.object()
    #expect((object["sqnr_db"] as? [String: Any])?["mean"] is Double)
    #expect(object["samples"] as? Int == 16)
  }

  @Test(
    "takes every option of its contract",
    arguments: [
      "--sampler ddpm", "--sampler ddim --eta 0.5", "--clipped-epsilon", "--step-groups 2", "--step-groups auto",
      "--calibration ndtc",
      "--calibration uniform", "--target int8", "--step-cache none", "--step-cache 4", "--sampler ddpm --step-cache 2",
      "--step-cache auto --step-cache-quality 10",
    ])
  func options(options: String) throws {
    let folder = try TemporaryFolder()
    let line =
      "convert \(CommandLineTool.fixture("plain")) -o \(folder.path("m.drift")) --steps 4 --calibration-samples 2 \(options)"
    let outcome = try CommandLineTool.run(line)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(try CommandLineTool.run(["verify", folder.path("m.drift")]).status == 0)
  }

  @Test("makes as many step groups as asked for")
  func stepGroups() throws {
    let folder = try TemporaryFolder()
    for count in [1, 3] {
      let line =
        "convert \(CommandLineTool.fixture("plain")) -o \(folder.path("m")) --steps 6 --calibration-samples 2 --step-groups \(count)"
      _ = try CommandLineTool.run(line)
      #expect(try CommandLineTool.run(["inspect", folder.path("m"), "--json"]).object()["step_groups"] as? Int == count)
    }
  }

  @Test("refuses a sampler of another kind of diffusion with status 1")
  func foreignSampler() throws {
    let folder = try TemporaryFolder()
    let outcome = try CommandLineTool.run([
      "convert", CommandLineTool.fixture("plain"), "-o", folder.path("m.drift"), "--sampler", "flow",
    ])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("sampler 'flow' belongs to flow matching"))
    #expect(try folder.names().isEmpty)
  }

  @Test("--target spiking lists every node's part and says that it stops there")
  func spiking() throws {
    let folder = try TemporaryFolder()
    let outcome = try CommandLineTool.run([
      "convert", CommandLineTool.fixture("plain"), "-o", folder.path("m.drift"), "--target", "spiking",
    ])
    #expect(outcome.status == 1)
    #expect(outcome.output == "")
    let lines = outcome.errors.split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("conv_in ") && $0.contains("synapses") })
    #expect(lines.last?.contains("--target int8") == true)
    #expect(try folder.names().isEmpty)
  }
}

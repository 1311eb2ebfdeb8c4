import Foundation
import Testing

@Suite("spindrift convert --step-cache")
struct StepCacheTests {
  /// The real model with DDIM's 50 steps, half of them shallow. Measured: a median near 40 dB; without a cache near 44 dB.
  @Test("digits with every other step shallow stay near the float pictures")
  func digits() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("digits.drift")
    let converted = try CommandLineTool.run([
      "convert", CommandLineTool.digits, "-o", path, "--calibration-samples", "8", "--step-cache", "2", "--json",
    ])
    #expect(converted.status == 0, "\(converted.errors)")
    let conversion = try #require(try converted.object()["conversion"] as? [String: Any])
    let cache = try #require(conversion["step_cache"] as? [String: Any])
    #expect((cache["full_steps"] as? [Int])?.count == 25)
    let outcome = try CommandLineTool.run(["compare", CommandLineTool.digits, path, "--samples", "12", "--json"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let object = try outcome.object()
    let psnr = try #require(object["psnr_db"] as? [String: Any])
    #expect(try #require(psnr["median"] as? Double) > 35)
    #expect(object["full_steps"] as? Int == 25)
    let programs = try #require(object["programs"] as? [[String: Any]])
    #expect(programs.compactMap { $0["name"] as? String } == ["denoiser", "shallow"])
    let work = programs.compactMap { $0["multiply_adds"] as? Double }
    #expect(work[1] * 5 < work[0])
    #expect(cache["full_multiply_adds"] as? Double == work[0])
    #expect(cache["shallow_multiply_adds"] as? Double == work[1])
    #expect(try #require(object["multiply_adds_per_step"] as? Double) == (work[0] + work[1]) / 2)

    let guided = try CommandLineTool.run(["compare", CommandLineTool.digits, path, "--samples", "6", "--guidance", "2", "--json"])
    let guidedPSNR = try #require(try guided.object()["psnr_db"] as? [String: Any])
    #expect(try #require(guidedPSNR["median"] as? Double) > 28)
    try inspectAndBench(path)
  }

  private func inspectAndBench(_ path: String) throws {
    let object = try CommandLineTool.run(["inspect", path, "--json"]).object()
    #expect(object["kept_bytes"] as? Int == 32 * 32 * 32 * 2)
    #expect(object["step_programs"] as? [Int] == (0..<50).map { $0 % 2 })
    let tensors = try #require(object["tensors"] as? [[String: Any]])
    let kept = tensors.filter { $0["is_kept"] as? Bool == true }
    #expect(kept.compactMap { $0["name"] as? String } == ["up_blocks.2.resnets.0.add"])
    #expect(Set(try #require(kept.first?["scales"] as? [Double])).count == 1)
    let listing = try CommandLineTool.run(["inspect", path]).output
    #expect(listing.contains("25 of 50 steps"))
    #expect(listing.contains("once more for the null class"))
    let bench = try CommandLineTool.run(["bench", path, "--json", "--seconds", "0.5"]).object()
    #expect(bench["multiply_adds_per_step"] as? Int == object["multiply_adds_per_step"] as? Int)
    #expect((bench["steps_timed"] as? Int ?? 0) >= 50)
  }

  @Test("eval answers at a shallow step as the whole program does, near float")
  func evaluation() throws {
    let folder = try TemporaryFolder()
    let fixture = CommandLineTool.fixture("plain")
    for choice in ["none", "2"] {
      let line = "convert \(fixture) -o \(folder.path(choice)) --steps 4 --calibration-samples 4 --step-cache \(choice)"
      #expect(try CommandLineTool.run(line).status == 0)
    }
    let timesteps = try #require(
      try CommandLineTool.run(["inspect", folder.path("2"), "--json"]).object()["timesteps"] as? [Double])
    let input = (0..<64).map { Float($0 % 7) / 3 - 1 }
    try ArrayFile(shape: [1, 1, 8, 8], values: input).write(folder.path("x.npy"))
    var answers: [[Float]] = []
    for choice in ["none", "2"] {
      let outcome = try CommandLineTool.run([
        "eval", folder.path(choice), "--input", folder.path("x.npy"), "--timestep", "\(Int(timesteps[1]))", "-o",
        folder.path("y.npy"),
      ])
      #expect(outcome.status == 0, "\(outcome.errors)")
      answers.append(try ArrayFile(folder.path("y.npy")).values)
    }
    // The kept tensor's scale is the only difference.
    let error = zip(answers[0], answers[1]).map { abs($0 - $1) }.max() ?? 1
    #expect(error < 0.01)
    #expect(answers[0].contains { abs($0) > 0.1 })
  }

  @Test(
    "refuses what cannot be, by name",
    arguments: [
      ("--step-cache 1", Int32(1), "--step-cache 1: "), ("--step-cache 9", 1, "2 to 4"), ("--step-cache often", 64, "often"),
      ("--step-cache 2 --step-cache-quality 30", 64, "--step-cache-quality is for --step-cache auto"),
      ("--step-cache auto --step-cache-quality 0", 64, "between 1 and 100"),
      ("--step-cache auto --step-cache-quality 99", 1, "even the best candidate reaches"),
    ])
  func refusals(options: String, status: Int32, message: String) throws {
    let folder = try TemporaryFolder()
    let line = "convert \(CommandLineTool.fixture("plain")) -o \(folder.path("m")) --steps 4 --calibration-samples 2 \(options)"
    let outcome = try CommandLineTool.run(line)
    #expect(outcome.status == status)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
    #expect(try folder.names().isEmpty)
  }

  @Test("auto says what it chose, in words, JSON and the report")
  func automatic() throws {
    let folder = try TemporaryFolder()
    let line =
      "convert \(CommandLineTool.fixture("plain")) -o \(folder.path("m")) --steps 8 --calibration-samples 2 --step-cache auto "
      + "--step-cache-quality 20 --report \(folder.path("r.html"))"
    let outcome = try CommandLineTool.run(line)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("step cache: "))
    #expect(outcome.output.contains("candidates with a median PSNR of 20.0 dB"))
    let page = try String(contentsOfFile: folder.path("r.html"), encoding: .utf8)
    #expect(page.contains("Step cache") && page.contains("full steps"))
    #expect(try CommandLineTool.run(["verify", folder.path("m")]).status == 0)
  }
}

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

  @Test("--target spiking gives the bytes of --target int8 with as many step groups, however events travel")
  func spiking() throws {
    let folder = try TemporaryFolder()
    let common = ["convert", CommandLineTool.fixture("plain"), "--steps", "4", "--step-groups", "2", "--calibration-samples", "4"]
    #expect(try CommandLineTool.run(common + ["-o", folder.path("int8.drift")]).status == 0)
    #expect(try CommandLineTool.run(common + ["-o", folder.path("spiking.drift"), "--target", "spiking"]).status == 0)
    func picture(_ model: String, _ options: [String] = []) throws -> Data {
      let array = folder.path("\(model)-\(options.joined()).npy")
      let outcome = try CommandLineTool.run(["run", folder.path(model), "--raw", array, "--seed", "3"] + options)
      #expect(outcome.status == 0, "\(outcome.errors)")
      return try Data(contentsOf: URL(fileURLWithPath: array))
    }
    let expected = try picture("int8.drift")
    let ways = [[], ["--strategy", "dense"], ["--strategy", "gather"], ["--strategy", "scatter"], ["--state", "reset"]]
    for options in ways + [["--events", "ternary"], ["--costs", "1,1,1,1,1"]] {
      #expect(try picture("spiking.drift", options) == expected, "\(options)")
    }
    let listing = try CommandLineTool.run(["inspect", folder.path("spiking.drift")]).output
    #expect(listing.contains("neurons: ") && listing.contains(" by events"))
  }

  @Test("weighs step groups against events where nobody says how many, and says what it took")
  func eventGroups() throws {
    let folder = try TemporaryFolder()
    let outcome = try CommandLineTool.run([
      "convert", CommandLineTool.fixture("plain"), "-o", folder.path("m.drift"), "--target", "spiking", "--steps", "6",
      "--calibration-samples", "4", "--json",
    ])
    let conversion = try #require(try outcome.object()["conversion"] as? [String: Any])
    let groups = try #require(conversion["event_groups"] as? [String: Any])
    let (chosen, bounds) = (groups["chosen"] as? Int, conversion["group_bounds"] as? [Int])
    let trials = try #require(groups["trials"] as? [[String: Any]])
    #expect(chosen == bounds.map { $0.count - 1 })
    #expect(trials.contains { $0["groups"] as? Int == chosen })
  }

  @Test("weighs clipping by pictures where levels are few, and takes what gives the best")
  func clipping() throws {
    let folder = try TemporaryFolder()
    func trials(_ levels: String) throws -> [String: Any]? {
      let outcome = try CommandLineTool.run([
        "convert", CommandLineTool.fixture("plain"), "-o", folder.path("\(levels).drift"), "--levels", levels, "--steps", "4",
        "--calibration-samples", "4", "--json",
      ])
      let conversion = try #require(try outcome.object()["conversion"] as? [String: Any], "\(outcome.errors)")
      return conversion["clipping"] as? [String: Any]
    }
    let few = try #require(try trials("15"))
    let found = try #require(few["trials"] as? [[String: Double]])
    #expect(found.compactMap { $0["weight"] } == [1, 4])
    let best = try #require(found.compactMap { $0["psnr_db"] }.max())
    #expect(found.contains { $0["psnr_db"] == best && $0["weight"] == few["chosen"] as? Double })
    #expect(try trials("128") == nil)
  }

  @Test("says how well the program does that it writes, neurons that ignore small changes included")
  func hysteresisIsValidated() throws {
    let folder = try TemporaryFolder()
    func means(_ hysteresis: String) throws -> (said: Double, measured: Double) {
      let model = folder.path("\(hysteresis).drift")
      let converted = try CommandLineTool.run([
        "convert", CommandLineTool.fixture("plain"), "-o", model, "--steps", "6", "--step-groups", "1", "--calibration-samples",
        "4",
        "--target", "spiking", "--hysteresis", hysteresis, "--json",
      ])
      let conversion = try #require(try converted.object()["conversion"] as? [String: Any], "\(converted.errors)")
      let steps = try #require(conversion["validation_sqnr"] as? [Double])
      let compared = try CommandLineTool.run(["compare", CommandLineTool.fixture("plain"), model, "--samples", "8", "--json"])
      let sqnr = try #require(try compared.object()["sqnr_db"] as? [String: Any])
      return (steps.reduce(0, +) / Double(steps.count), try #require(sqnr["mean"] as? Double))
    }
    let (exact, lossy) = (try means("0"), try means("40"))
    #expect(exact.said - lossy.said > 6)
    #expect(abs(exact.said - exact.measured) < 3 && abs(lossy.said - lossy.measured) < 3)
  }

  @Test("what would never send, or has several programs, is refused before calibration")
  func impossibleSpiking() throws {
    let folder = try TemporaryFolder()
    for (options, expected) in [
      (["--levels", "3", "--hysteresis", "3"], "--hysteresis 3: must be between 0 and 2"),
      (["--step-cache", "2"], "--target spiking and --step-cache"),
    ] {
      let outcome = try CommandLineTool.run(
        ["convert", CommandLineTool.fixture("plain"), "-o", folder.path("m.drift"), "--target", "spiking"] + options)
      #expect(outcome.status == 64 && outcome.errors.contains(expected), "\(outcome.errors)")
    }
    let outcome = try CommandLineTool.run([
      "convert", CommandLineTool.fixture("plain"), "-o", folder.path("m.drift"), "--target", "spiking", "--spike-steps", "4",
    ])
    #expect(outcome.status == 1 && outcome.errors.contains("--spike-steps is for the checkpoints of SDDPM and SDM"))
    #expect(try folder.names().isEmpty)
  }

  @Test("neurons that ignore small changes send less, and no longer give the same bytes")
  func hysteresis() throws {
    let folder = try TemporaryFolder()
    func rate(_ threshold: String) throws -> Double {
      let model = folder.path("\(threshold).drift")
      let common = ["--steps", "6", "--step-groups", "1", "--calibration-samples", "4", "--target", "spiking"]
      let done = try CommandLineTool.run(
        ["convert", CommandLineTool.fixture("plain"), "-o", model, "--hysteresis", threshold] + common)
      #expect(done.status == 0, "\(done.errors)")
      #expect(try CommandLineTool.run(["run", model, "--raw", model + ".npy"]).status == 0)
      let outcome = try CommandLineTool.run(["compare", CommandLineTool.fixture("plain"), model, "--samples", "2", "--json"])
      let spiking = try #require(try outcome.object()["spiking"] as? [String: Any])
      return try #require(spiking["events_per_neuron_per_step"] as? Double)
    }
    let (all, few) = (try rate("0"), try rate("6"))
    #expect(few < all)
    let arrays = try ["0", "6"].map { try Data(contentsOf: URL(fileURLWithPath: folder.path("\($0).drift.npy"))) }
    #expect(arrays[0] != arrays[1])
  }

  @Test("options for spiking programs are refused where none spikes")
  func spikingOptionsWithoutSpikes() throws {
    let folder = try TemporaryFolder()
    let model = folder.path("int8.drift")
    let plain = ["convert", CommandLineTool.fixture("plain"), "-o", model, "--steps", "2", "--calibration-samples", "2"]
    #expect(try CommandLineTool.run(plain).status == 0)
    for options in [["--events", "ternary"], ["--state", "reset"], ["--strategy", "gather"], ["--costs", "1,1,1,1,1"]] {
      let outcome = try CommandLineTool.run(["run", model, "--raw", folder.path("x.npy")] + options)
      #expect(outcome.status == 1)
      #expect(outcome.errors.contains(options[0]) && outcome.errors.contains("--target spiking"), "\(outcome.errors)")
    }
    for options in [["--spike-steps", "3"], ["--events", "ternary", "--spike-steps", "0"], ["--costs", "1,2"]] {
      #expect(try CommandLineTool.run(["run", model, "--raw", folder.path("x.npy")] + options).status == 64)
    }
    #expect(try folder.names() == ["int8.drift"])
  }
}

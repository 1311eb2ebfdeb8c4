import Foundation
import Testing

/// What compare, bench and the report say about events.
@Suite("Accounting of spiking programs on the command line")
struct SpikingAccountingTests {
  private typealias Object = [String: Any]

  /// Keys of a `spiking` object, and the relations between them that hold whatever the machine.
  private func check(_ spiking: Object, steps: Int) throws {
    func number(_ key: String, in object: Object) throws -> Double { try #require(object[key] as? Double, "\(key)") }
    let rate = try number("events_per_neuron_per_step", in: spiking)
    #expect(rate > 0 && rate <= 1)
    #expect((spiking["by_step"] as? [Double])?.count == steps)
    let layers = try #require(spiking["layers"] as? [Object])
    #expect(!layers.isEmpty)
    for layer in layers {
      let byStep = try #require(layer["by_step"] as? [Double])
      #expect(byStep.count == steps && byStep.allSatisfy { (0...1).contains($0) })
      let mean = try number("events_per_neuron_per_step", in: layer)
      #expect(abs(byStep.reduce(0, +) / Double(steps) - mean) < 1e-9)
    }
    let neurons = try layers.reduce(0) { try $0 + number("neurons", in: $1) }
    let events = try layers.reduce(0) { try $0 + number("neurons", in: $1) * number("events_per_neuron_per_step", in: $1) }
    #expect(abs(events / neurons - rate) < 1e-9)

    let operations = try number("synaptic_operations_per_step", in: spiking)
    let dense = try number("dense_multiply_adds_per_step", in: spiking)
    #expect(abs(try number("operations_ratio", in: spiking) - operations / dense) < 1e-9)
    let convolutions = try #require(spiking["convolutions"] as? [Object])
    #expect(abs(try convolutions.reduce(0) { try $0 + number("dense_multiply_adds", in: $1) } - dense) < 0.5)
    let strategies = try #require(spiking["strategies"] as? Object)
    #expect(abs(try ["dense", "gather", "scatter"].reduce(0) { try $0 + number($1, in: strategies) } - 1) < 1e-9)

    let energy = try #require(spiking["energy"] as? [Object])
    #expect(energy.map { $0["table"] as? String } == ["45nm-fp32", "45nm-int8", "45nm-int8-add8", "45nm-int8-memory"])
    for table in energy {
      #expect((table["source"] as? String)?.isEmpty == false)
      for key in ["spiking_mj", "dense_int8_mj", "float_mj"] { #expect(try number(key, in: table) > 0) }
    }
    let first = try #require(energy.first)
    let layersThatStay = try number("of_dense_layers_mj", in: first)
    #expect(abs(try number("spiking_mj", in: first) - layersThatStay - operations * 0.9e-9) < 1e-12)

    for key in ["ms_per_step", "dense_ms_per_step", "time_ratio"] { #expect(try number(key, in: spiking) > 0) }
    #expect(try number("time_steps", in: spiking) == 1)
    #expect(try number("distance", in: spiking) == 0)
    let verdict = try #require(spiking["verdict"] as? String)
    #expect(verdict.contains("better choice") && verdict.contains("not measurements"))
  }

  @Test("compare measures events beside the errors, and has no such figures for int8")
  func compare() throws {
    let arguments = ["compare", CommandLineTool.fixture("plain"), try ConvertedModels.spiking(), "--samples", "2"]
    let outcome = try CommandLineTool.run(arguments + ["--json"])
    #expect(outcome.status == 0, "\(outcome.errors)")
    try check(try #require(try outcome.object()["spiking"] as? Object), steps: 4)
    let text = try CommandLineTool.run(arguments).output
    for part in ["events:", "synaptic operations:", "energy, 45nm-fp32:", "verdict:"] { #expect(text.contains(part), "\(part)") }
    let plain = try CommandLineTool.run([
      "compare", CommandLineTool.fixture("plain"), try ConvertedModels.plain(), "--samples", "2", "--json",
    ])
    #expect(try plain.object()["spiking"] == nil)
  }

  @Test("bench times the plain int8 file in turns and judges by it")
  func bench() throws {
    let outcome = try CommandLineTool.run([
      "bench", try ConvertedModels.spiking(), "--json", "--seconds", "0.2", "--against", try ConvertedModels.plain(),
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let spiking = try #require(try outcome.object()["spiking"] as? Object)
    try check(spiking, steps: 4)
    let against = try #require(spiking["against"] as? Object)
    #expect(against["path"] as? String == (try ConvertedModels.plain()))
    let ratio = try #require(against["time_ratio"] as? Double), verdict = try #require(spiking["verdict"] as? String)
    #expect(ratio > 0)
    if ratio < 0.97 { #expect(verdict.contains("events are the better choice")) }
    if ratio > 1.03 { #expect(verdict.contains("dense int8 is the better choice")) }
    // Work is what events add and what stays dense, not what a dense program would do.
    let work = try #require(try outcome.object()["multiply_adds_per_step"] as? Double)
    let additions = try #require(spiking["synaptic_operations_per_step"] as? Double)
    let dense = try #require(spiking["stays_dense_multiply_adds_per_step"] as? Double)
    // The rest counts taps beyond the border too.
    #expect(work - additions > 0.99 * dense && work - additions < 1.25 * dense)
  }

  @Test("bench counts the time steps of unit events and how far a capped run stopped from rest")
  func capped() throws {
    let outcome = try CommandLineTool.run([
      "bench", try ConvertedModels.spiking(), "--json", "--seconds", "0.2", "--events", "ternary", "--spike-steps", "2",
    ])
    let spiking = try #require(try outcome.object()["spiking"] as? Object)
    #expect(spiking["time_steps"] as? Double == 2)
    #expect(spiking["distance"] as? Double ?? 0 > 0)
    #expect((spiking["verdict"] as? String)?.contains("levels from rest") == true)
  }

  @Test("bench refuses to time a file against one that says nothing about it")
  func refusals() throws {
    let (spiking, plain) = (try ConvertedModels.spiking(), try ConvertedModels.plain())
    for (first, second, reason) in [
      (plain, spiking, "sends no events"), (spiking, spiking, "sends events too"),
      (spiking, try ConvertedModels.digits(), "says checkpoint"),
      (spiking, try ConvertedModels.plain(["--step-cache", "2"]), "step cache"),
      (spiking, try ConvertedModels.plain(["--sampler", "dpmpp-2m"]), "says sampler 'dpmpp-2m'"),
      (spiking, "/nowhere.drift", "/nowhere.drift"),
    ] {
      let outcome = try CommandLineTool.run(["bench", first, "--seconds", "0.1", "--against", second])
      #expect(outcome.status == 1 && outcome.errors.contains(reason), "\(outcome.errors)")
      #expect(outcome.output.isEmpty)
    }
  }

  @Test("a report has the heat map of events, the tables and the verdict")
  func report() throws {
    let folder = try TemporaryFolder()
    let outcome = try CommandLineTool.run([
      "convert", CommandLineTool.fixture("plain"), "-o", folder.path("model.drift"), "--steps", "3", "--calibration-samples", "1",
      "--target", "spiking", "--report", folder.path("report.html"), "--json",
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let spiking = try #require(try outcome.object()["spiking"] as? Object)
    try check(spiking, steps: 3)
    let page = try String(contentsOfFile: folder.path("report.html"), encoding: .utf8)
    #expect(page.contains("<h2>Events</h2>") && page.contains("45nm-int8-memory") && page.contains("better choice"))
    let layers = try #require(spiking["layers"] as? [Object])
    #expect(page.components(separatedBy: "<title>").count == 1 + 1 + 3 * layers.count)
  }

  @Test("counts every spike of a network that was trained with spiking neurons, over all of its time steps")
  func trainedNeurons() throws {
    let folder = try TemporaryFolder(), model = folder.path("m.drift")
    let archive = CommandLineTool.root.appendingPathComponent("Tests/DriftImportTests/Fixtures/archives/sddpm.pt").path
    let converted = try CommandLineTool.run([
      "convert", archive, "-o", model, "--target", "spiking", "--shape", "3x8x8", "--steps", "3", "--spike-steps", "4",
      "--calibration-samples", "1",
    ])
    #expect(converted.status == 0, "\(converted.errors)")
    let outcome = try CommandLineTool.run(["bench", model, "--json", "--seconds", "0.1"])
    let spiking = try #require(try outcome.object()["spiking"] as? Object, "\(outcome.errors)")
    #expect(spiking["fires"] as? Bool == true)
    #expect(spiking["time_steps"] as? Double == 4)
    let rate = try #require(spiking["events_per_neuron_per_step"] as? Double)
    #expect(rate > 0 && rate <= 4)
    #expect((spiking["verdict"] as? String)?.contains("--against") == false)
  }
}

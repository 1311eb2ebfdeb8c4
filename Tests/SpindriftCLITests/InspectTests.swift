import Foundation
import Testing

@Suite("spindrift inspect, verify and bench")
struct InspectTests {
  @Test("inspect prints one line of JSON with sorted, stable keys")
  func json() throws {
    let outcome = try CommandLineTool.run(["inspect", try ConvertedModels.digits(), "--json"])
    #expect(outcome.status == 0)
    #expect(outcome.output.split(separator: "\n").count == 1)
    #expect(try CommandLineTool.run(["inspect", try ConvertedModels.digits(), "--json"]).output == outcome.output)
    let object = try outcome.object()
    let (arena, bound) = (try #require(object["arena_bytes"] as? Int), try #require(object["arena_lower_bound_bytes"] as? Int))
    #expect(bound > 0 && arena >= bound)
    #expect(Double(arena) <= 1.25 * Double(bound))
    #expect(object["steps"] as? Int == 5)
    #expect((object["step_groups"] as? Int ?? 0) >= 1)
    let programs = try #require(object["programs"] as? [[String: Any]])
    let operators = try #require(programs.first?["operators"] as? [[String: Any]])
    #expect(operators.contains { $0["opcode"] as? String == "convolution" && $0["name"] as? String == "conv_in" })
    let tensors = try #require(object["tensors"] as? [[String: Any]]),
      constants = try #require(object["constants"] as? [[String: Any]])
    for record in operators {
      #expect(tensors.indices.contains(record["output"] as? Int ?? -1))
      #expect((record["constants"] as? [Int] ?? [-1]).allSatisfy(constants.indices.contains))
    }
    #expect((object["metadata"] as? [String: String])?["sampler"] == "ddim")
  }

  @Test("keys of an object come in alphabetical order")
  func sortedKeys() throws {
    let output = try CommandLineTool.run(["bench", try ConvertedModels.plain(), "--json", "--seconds", "0.1"]).output
    let keys = ["\"int8_peak_gmacs\"", "\"kernel\"", "\"ms_per_step\"", "\"operators\"", "\"steps_timed\"", "\"threads\""]
    let places = keys.compactMap { output.range(of: $0)?.lowerBound }
    #expect(places.count == keys.count)
    #expect(places == places.sorted())
  }

  @Test("inspect's listing names every operator")
  func listing() throws {
    let model = try ConvertedModels.plain()
    let object = try CommandLineTool.run(["inspect", model, "--json"]).object()
    let operators = try #require((object["programs"] as? [[String: Any]])?.first?["operators"] as? [[String: Any]])
    let listing = try CommandLineTool.run(["inspect", model]).output
    #expect(operators.count > 20)
    #expect(operators.allSatisfy { listing.contains($0["name"] as? String ?? "?") })
  }

  @Test("inspect names depthwise convolutions and counts one multiply-add for each tap and value")
  func depthwise() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("CorpusTests/Corpus/complete.bin").path
    let object = try CommandLineTool.run(["inspect", file, "--json"]).object()
    let operators = try #require((object["programs"] as? [[String: Any]])?.first?["operators"] as? [[String: Any]])
    let spread = try #require(operators.first { $0["name"] as? String == "spread" })
    #expect(spread["opcode"] as? String == "depthwise")
    #expect(spread["kernel"] as? [Int] == [3, 3])
    #expect(spread["multiply_adds"] as? Int == 9 * 8 * 4 * 4)
    let constants = try #require(object["constants"] as? [[String: Any]])
    let weights = try #require(constants.first { $0["name"] as? String == "spread.weights" })
    #expect(weights["kind"] as? String == "depthwise")
    #expect(weights["shape"] as? [Int] == [8, 9, 1])
    let listing = try CommandLineTool.run(["inspect", file]).output
    #expect(listing.split(separator: "\n").contains { $0.contains("spread") && $0.contains("depthwise") && $0.contains("3x3") })
  }

  @Test("verify says OK in one line")
  func verify() throws {
    let outcome = try CommandLineTool.run(["verify", try ConvertedModels.plain()])
    #expect(outcome.status == 0)
    #expect(outcome.output.hasPrefix(try ConvertedModels.plain() + ": OK"))
    #expect(outcome.output.split(separator: "\n").count == 1)
  }

  @Test("bench times the step and all its operators against a peak of the same run", arguments: [1, 2])
  func bench(threads: Int) throws {
    let outcome = try CommandLineTool.run([
      "bench", try ConvertedModels.digits(), "--json", "--seconds", "0.5", "--threads", "\(threads)",
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let object = try outcome.object()
    #expect(object["threads"] as? Int == threads)
    let step = try #require(object["ms_per_step"] as? Double), peak = try #require(object["int8_peak_gmacs"] as? Double)
    let share = try #require(object["share_of_peak"] as? Double), work = try #require(object["multiply_adds_per_step"] as? Double)
    #expect(step > 0 && peak > 0)
    #expect(abs(share - work / (step * 1e6) / peak) < 1e-6)
    let operators = try #require(object["operators"] as? [[String: Any]])
    let shares = operators.compactMap { $0["share"] as? Double }
    #expect(shares.count == operators.count)
    #expect(abs(shares.reduce(0, +) - 1) < 1e-6)
    let bandwidth = try #require(object["memory_gbs"] as? Double)
    #expect(bandwidth > 0)
    let rounds = try #require(object["ms_per_step_rounds"] as? [Double])
    #expect(rounds.count == 5 && rounds.allSatisfy { $0 > 0 })
    for entry in operators {
      let ms = try #require(entry["ms"] as? Double), bytes = try #require(entry["bytes"] as? Double)
      let ofPeak = try #require(entry["share_of_peak"] as? Double), ofMemory = try #require(entry["share_of_bandwidth"] as? Double)
      #expect(ms > 0 && bytes > 0)
      #expect(abs(ofPeak * peak * ms * 1e6 - (entry["multiply_adds"] as? Double ?? 0)) < 1)
      #expect(abs(ofMemory * bandwidth * ms * 1e6 - bytes) < 1)
    }
    #expect(operators.reduce(0) { $0 + ($1["multiply_adds"] as? Double ?? 0) } == work)
  }

  @Test("bench runs the kernels that SPINDRIFT_KERNEL names and refuses others")
  func kernel() throws {
    let arguments = ["bench", try ConvertedModels.plain(), "--json", "--seconds", "0.1"]
    let scalar = try CommandLineTool.run(arguments, environment: ["SPINDRIFT_KERNEL": "scalar"])
    #expect(try scalar.object()["kernel"] as? String == "scalar")
    let unknown = try CommandLineTool.run(arguments, environment: ["SPINDRIFT_KERNEL": "abacus"])
    #expect(unknown.status == 1)
    #expect(unknown.errors.contains("SPINDRIFT_KERNEL=abacus"))
    let chosen = try CommandLineTool.run(arguments + ["--kernel", "scalar"])
    #expect(try chosen.object()["kernel"] as? String == "scalar")
    let refused = try CommandLineTool.run(arguments + ["--kernel", "abacus"])
    #expect(refused.status == 1)
    #expect(refused.errors.contains("--kernel abacus"))
  }
}

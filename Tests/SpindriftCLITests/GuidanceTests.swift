import Foundation
import Testing

@Suite("Cheaper guidance on the command line")
struct GuidanceTests {
  private func number(_ object: [String: Any]?, _ group: String, _ key: String) throws -> Double {
    try #require((object?[group] as? [String: Any])?[key] as? Double, "\(group).\(key)")
  }

  /// 50 steps of models/digits at guidance 2, against float pictures with full guidance, from noise that nothing was fitted to.
  @Test("makes fewer evaluations and stays within the promised distance of full guidance")
  func distances() throws {
    let folder = try TemporaryFolder()
    let model = folder.path("linear.drift")
    let converted = try CommandLineTool.run([
      "convert", CommandLineTool.digits, "-o", model, "--calibration-samples", "20", "--guidance-skip", "linear", "--json",
    ])
    try #require(converted.status == 0, "\(converted.errors)")
    let guidance = try #require((try converted.object()["conversion"] as? [String: Any])?["guidance"] as? [String: Any])
    #expect(guidance["skipping"] as? String == "linear")
    let ways = try #require(guidance["ways"] as? [[String: Any]])
    #expect(ways.compactMap { $0["skipping"] as? String } == ["none", "adaptive", "linear"])
    let evaluations = ways.compactMap { $0["evaluations"] as? Int }
    #expect(evaluations[0] == 100 && evaluations[1] <= 92 && evaluations[2] <= 75)
    for way in ways.dropFirst() {
      #expect(try number(way, "float_psnr_db", "median") >= 42)
      #expect(try number(way, "float_psnr_db", "p5") >= 34)
      #expect(try number(way, "int8_psnr_db", "median") >= 36)
    }

    let figures = try CommandLineTool.run([
      "compare", CommandLineTool.digits, model, "--samples", "20", "--guidance", "2", "--json",
    ]).object()
    #expect(figures["float_evaluations_per_picture"] as? Int == 100)
    #expect(figures["evaluations_per_picture"] as? Int == evaluations[2])
    #expect(try number(figures, "psnr_db", "median") >= 36)
    #expect(try number(figures, "psnr_db", "p5") >= 24)
    #expect(try number(figures, "update_sqnr_db", "worst") >= 40)

    let inspection = try CommandLineTool.run(["inspect", model, "--json"]).object()
    #expect(inspection["guided_evaluations_per_picture"] as? Int == evaluations[2])
    let kinds = try #require(inspection["guidance"] as? [[String: Any]]).map { $0["kind"] as? String }
    #expect(kinds.count == 50)
    #expect(kinds.count { $0 == "full" } == evaluations[2] - 50)
    let listing = try CommandLineTool.run(["inspect", model]).output
    #expect(
      listing.contains(
        "guidance: \(evaluations[2]) evaluations for a guided picture, 50 without guidance\n  estimated: steps 1, 3,"))
    #expect(try CommandLineTool.run(["verify", model]).status == 0)
  }

  @Test("an adaptive file's last steps evaluate once")
  func adaptive() throws {
    let folder = try TemporaryFolder()
    let model = folder.path("adaptive.drift")
    let line = "convert \(CommandLineTool.digits) -o \(model) --steps 5 --calibration-samples 2 --guidance-skip adaptive"
    let converted = try CommandLineTool.run("\(line) --guidance 1.5 --guidance-threshold 0.99")
    try #require(converted.status == 0, "\(converted.errors)")
    #expect(converted.output.contains("adaptive (in the file)"))
    let inspection = try CommandLineTool.run(["inspect", model, "--json"]).object()
    let kinds = try #require(inspection["guidance"] as? [[String: Any]]).compactMap { $0["kind"] as? String }
    let skipped = kinds.count { $0 == "skipped" }
    #expect((1..<5).contains(skipped))
    #expect(kinds == [String](repeating: "full", count: 5 - skipped) + [String](repeating: "skipped", count: skipped))
    #expect((inspection["metadata"] as? [String: String])?["guidance.weight"] == "1.5")
    #expect(try CommandLineTool.run(["inspect", model]).output.contains("  skipped: steps "))
  }

  @Test("without guidance every step is one evaluation, and the text says so")
  func unguided() throws {
    let outcome = try CommandLineTool.run(["compare", CommandLineTool.digits, try ConvertedModels.digits(), "--samples", "2"])
    let line = outcome.output.split(separator: "\n").first { $0.hasPrefix("evaluations for a picture:") }
    #expect(line?.hasSuffix(" 5 (float: 5)") == true)
  }

  @Test("a checkpoint without a null class is refused by name, before any work")
  func noNullClass() throws {
    let folder = try TemporaryFolder()
    for fixture in ["plain", "class-table"] {
      let outcome = try CommandLineTool.run([
        "convert", CommandLineTool.fixture(fixture), "-o", folder.path("m.drift"), "--guidance-skip", "linear",
      ])
      #expect(outcome.status == 1)
      #expect(outcome.errors.contains("guidance skipping 'linear'") && outcome.errors.contains("no class"))
      #expect(try folder.names().isEmpty)
    }
  }

  @Test("the report shows what each way costs")
  func report() throws {
    let folder = try TemporaryFolder()
    let outcome = try CommandLineTool.run(
      "convert \(CommandLineTool.digits) -o \(folder.path("m.drift")) --steps 4 --calibration-samples 4 --guidance-skip linear "
        + "--guidance-threshold 0.9 --guidance-estimates 2 --report \(folder.path("r.html"))")
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.output.contains("linear (in the file)"))
    let page = try String(contentsOfFile: folder.path("r.html"), encoding: .utf8)
    for part in ["<h2>Guidance</h2>", "linear (in the file)", "branches, mean", "estimated"] {
      #expect(page.contains(part), "\(part)")
    }
  }
}

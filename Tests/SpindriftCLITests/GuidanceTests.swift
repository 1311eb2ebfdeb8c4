import Foundation
import Testing

@Suite("Cheaper guidance on the command line")
struct GuidanceTests {
  private func convert(_ folder: TemporaryFolder, _ name: String, _ options: String) throws -> [String: Any] {
    let outcome = try CommandLineTool.run(
      "convert \(CommandLineTool.digits) -o \(folder.path(name)) --calibration-samples 20 --json \(options)")
    try #require(outcome.status == 0, "\(outcome.errors)")
    return try outcome.object()
  }

  private func compare(_ model: String) throws -> [String: Any] {
    try CommandLineTool.run([
      "compare", CommandLineTool.digits, model, "--samples", "20", "--guidance", "2", "--json",
    ]).object()
  }

  private func psnr(_ figures: [String: Any], _ key: String) throws -> Double {
    try #require((figures["psnr_db"] as? [String: Any])?[key] as? Double)
  }

  /// 50 steps of models/digits at guidance 2, against float pictures with full guidance, from noise that nothing was fitted to.
  @Test("an adaptive and a linear file make fewer evaluations and stay within the promised distance of full guidance")
  func distances() throws {
    let folder = try TemporaryFolder()
    for (skipping, most, median) in [("adaptive", 95, 34.0), ("linear", 75, 34.0)] {
      let object = try convert(folder, "\(skipping).drift", "--guidance-skip \(skipping)")
      let figures = try compare(folder.path("\(skipping).drift"))
      #expect(figures["float_evaluations_per_picture"] as? Int == 100)
      let evaluations = try #require(figures["evaluations_per_picture"] as? Int)
      #expect(evaluations <= most, "\(skipping)")
      #expect(try psnr(figures, "median") >= median, "\(skipping)")
      #expect(try psnr(figures, "p5") >= 24, "\(skipping)")

      let guidance = try #require((object["conversion"] as? [String: Any])?["guidance"] as? [String: Any])
      #expect(guidance["skipping"] as? String == skipping)
      let ways = try #require(guidance["ways"] as? [[String: Any]])
      #expect(ways.compactMap { $0["skipping"] as? String } == ["none", "adaptive", "linear"])
      #expect(ways.first?["evaluations"] as? Int == 100)
      #expect(ways.first { $0["skipping"] as? String == skipping }?["evaluations"] as? Int == evaluations)

      let inspection = try CommandLineTool.run(["inspect", folder.path("\(skipping).drift"), "--json"]).object()
      #expect(inspection["guided_evaluations_per_picture"] as? Int == evaluations)
      let kinds = try #require(inspection["guidance"] as? [[String: Any]]).map { $0["kind"] as? String }
      #expect(kinds.count == 50)
      #expect(kinds.filter { $0 == "full" }.count == evaluations - 50)
      let listing = try CommandLineTool.run(["inspect", folder.path("\(skipping).drift")]).output
      #expect(listing.contains("guidance: \(evaluations) evaluations for a guided picture, 50 without guidance"))
      #expect(listing.contains(skipping == "linear" ? "  estimated: steps " : "  skipped: steps "))
    }
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

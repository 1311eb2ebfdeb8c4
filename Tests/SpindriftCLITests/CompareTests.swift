import Foundation
import Testing

@Suite("spindrift compare")
struct CompareTests {
  @Test("has the contract's keys, measures both sides and draws the pairs")
  func figures() throws {
    let folder = try TemporaryFolder()
    let outcome = try CommandLineTool.run([
      "compare", CommandLineTool.digits, try ConvertedModels.digits(), "--samples", "12", "--json", "--grid", folder.path("g.png"),
    ])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let object = try outcome.object()
    func number(_ group: String, _ key: String) throws -> Double {
      try #require((object[group] as? [String: Any])?[key] as? Double, "\(group).\(key)")
    }
    for group in ["sqnr_db", "update_sqnr_db"] {
      #expect(try number(group, "mean") > number(group, "worst"))
      #expect(try number(group, "worst_step") < 5)
    }
    #expect(try number("update_sqnr_db", "worst") > 25)
    #expect(try number("psnr_db", "median") >= number("psnr_db", "p5"))
    #expect(try number("psnr_db", "median") > 25)
    #expect(try number("frechet", "value") >= 0)
    #expect(try number("frechet", "float_floor") > 0)
    #expect(try number("accuracy", "agreement") > 0.8)
    for side in ["float", "int8"] { #expect((0...1).contains(try number("accuracy", side))) }
    #expect(object["samples"] as? Int == 12)
    #expect(object["steps"] as? Int == 5)
    for key in ["file_bytes", "arena_bytes", "ms_per_step", "float_ms_per_step"] {
      #expect((object[key] as? Double ?? 0) > 0, "\(key)")
    }
    // Two rows of ten float pictures, the second of two, each with its int8 row below.
    let picture = try #require(Picture(folder.path("g.png")))
    #expect(picture.size == "320x128x1")
  }

  @Test("never uses the calibration's seed and says so")
  func heldOut() throws {
    let metadata = try #require(
      try CommandLineTool.run(["inspect", try ConvertedModels.plain(), "--json"]).object()["metadata"] as? [String: String])
    let seed = try #require(metadata["calibration.seed"])
    let outcome = try CommandLineTool.run([
      "compare", CommandLineTool.fixture("plain"), try ConvertedModels.plain(), "--samples", "2", "--seed", seed, "--json",
    ])
    #expect(outcome.status == 0)
    #expect(outcome.errors.contains("seed \(seed) was used for calibration"))
    let used = try #require(try outcome.object()["seed"] as? NSNumber)
    #expect(used.stringValue != seed)
  }

  @Test("names pixels as the features of a checkpoint without a feature network")
  func pixels() throws {
    let object = try CommandLineTool.run([
      "compare", CommandLineTool.fixture("plain"), try ConvertedModels.plain(), "--samples", "3", "--json",
    ]).object()
    #expect(((object["frechet"] as? [String: Any])?["features"] as? String)?.contains("pixels") == true)
    #expect(object["accuracy"] == nil)
  }

  @Test("refuses a checkpoint that the file was not converted from")
  func otherCheckpoint() throws {
    let outcome = try CommandLineTool.run(["compare", CommandLineTool.digits, try ConvertedModels.plain(), "--samples", "1"])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("converted from"))
  }

  @Test("refuses guidance where there is no null class")
  func guidance() throws {
    let outcome = try CommandLineTool.run([
      "compare", CommandLineTool.fixture("class-table"), try ConvertedModels.classes(), "--samples", "1", "--guidance", "2",
    ])
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains("null class"))
  }

  @Test("without --json prints the same figures for people")
  func text() throws {
    let outcome = try CommandLineTool.run([
      "compare", CommandLineTool.fixture("plain"), try ConvertedModels.plain(), "--samples", "2",
    ])
    #expect(outcome.status == 0)
    for part in ["noise prediction SQNR:", "next state SQNR:", "same-noise PSNR:", "Frechet distance:", "time per step:"] {
      #expect(outcome.output.contains(part))
    }
  }
}

import Foundation
import Testing

/// What this version promises of int8 on the bundled model: default conversion, 50 steps, noise that calibration never saw.
@Suite("int8 against float on models/digits")
struct AcceptanceTests {
  @Test("stays within the promised distances over 64 pictures")
  func distances() throws {
    let folder = try TemporaryFolder()
    let converted = try CommandLineTool.run(["convert", CommandLineTool.digits, "-o", folder.path("digits.drift")])
    #expect(converted.status == 0, "\(converted.errors)")
    let object = try CommandLineTool.run([
      "compare", CommandLineTool.digits, folder.path("digits.drift"), "--samples", "64", "--json",
    ]).object()
    func number(_ group: String, _ key: String) throws -> Double {
      try #require((object[group] as? [String: Any])?[key] as? Double, "\(group).\(key)")
    }
    #expect(try number("sqnr_db", "mean") >= 34)
    #expect(try number("update_sqnr_db", "worst") >= 36)
    #expect(try number("psnr_db", "median") >= 34)
    #expect(try number("psnr_db", "p5") >= 22)
    #expect(try abs(number("accuracy", "int8") - number("accuracy", "float")) <= 0.02)
    let plan = try CommandLineTool.run(["inspect", folder.path("digits.drift"), "--json"]).object()
    let arena = try #require(plan["arena_bytes"] as? Double)
    let bound = try #require(plan["arena_lower_bound_bytes"] as? Double)
    #expect(arena <= 1.25 * bound)
  }
}

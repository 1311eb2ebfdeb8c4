import Foundation
import Testing

/// `spindrift export`, run as a user runs it.
struct ExportTests {
  private static let relu = CommandLineTool.root.appendingPathComponent("models/digits-relu").path

  @Test("a network that joins and enlarges pictures is refused with the names of all such nodes")
  func refusal() throws {
    let folder = try TemporaryFolder()
    let outcome = try CommandLineTool.run(["export", Self.relu, "-o", folder.path("m.nir")])
    #expect(outcome.status == 1 && outcome.output == "")
    for part in ["Resize", "Concat", "copying pixels", "a concatenation"] {
      #expect(outcome.errors.contains(part), "\(part) in: \(outcome.errors)")
    }
    #expect(try folder.names().isEmpty)
  }

  @Test("a timestep that the sampler does not visit and a folder that is not there are refused by name")
  func badInput() throws {
    let folder = try TemporaryFolder()
    let unknown = try CommandLineTool.run(["export", Self.relu, "-o", folder.path("m.nir"), "--timestep", "981"])
    #expect(unknown.status == 1 && unknown.errors.contains("--timestep 981"), "\(unknown.errors)")
    let nowhere = folder.path("none/m.nir")
    let unwritable = try CommandLineTool.run(["export", Self.relu, "-o", nowhere])
    #expect(unwritable.status == 1 && unwritable.errors.contains(nowhere), "\(unwritable.errors)")
    #expect(try CommandLineTool.run(["export", Self.relu, "-o", folder.path("m.nir"), "--threshold", "0"]).status == 64)
    #expect(try folder.names().isEmpty)
  }
}

import Foundation
import Testing

/// Networks of spiking neurons from the checkpoint to the picture.
@Suite struct NeuronCommandTests {
  private func archive(_ name: String) -> String {
    CommandLineTool.root.appendingPathComponent("Tests/DriftImportTests/Fixtures/archives/\(name).pt").path
  }

  @Test("converts, inspects, runs and compares a network of spiking neurons")
  func everyCommand() throws {
    let folder = try TemporaryFolder(), model = folder.path("m.drift")
    let converted = try CommandLineTool.run([
      "convert", archive("sddpm"), "-o", model, "--target", "spiking", "--shape", "3x8x8", "--steps", "3", "--spike-steps", "2",
      "--calibration-samples", "2", "--threshold-factor", "0.999",
    ])
    #expect(converted.status == 0, "\(converted.errors)")
    let inspected = try CommandLineTool.run(["inspect", model, "--json"])
    #expect(inspected.output.contains("\"fire\"") && inspected.output.contains("\"decay\""))
    #expect(try inspected.object()["spike_steps"] as? Int == 2)
    #expect(try CommandLineTool.run(["verify", model]).status == 0)
    #expect(try CommandLineTool.run(["run", model, "-o", folder.path("p.png")]).status == 0)
    let compared = try CommandLineTool.run([
      "compare", archive("sddpm"), model, "--samples", "2", "--shape", "3x8x8", "--architecture-option", "steps=2",
      "--architecture-option", "threshold_factor=0.999", "--json",
    ])
    #expect(compared.status == 0, "\(compared.errors)")
    let sqnr = try #require(try compared.object()["sqnr_db"] as? [String: Any])
    #expect(try #require(sqnr["mean"] as? Double) > 8)
    for (options, expected) in [
      ([], "has 2 spiking steps an evaluation, the checkpoint 4"),
      (["steps=2"], "has neurons of the threshold 0.999, the checkpoint 1.0"),
    ] {
      let given = options.flatMap { ["--architecture-option", $0] }
      let outcome = try CommandLineTool.run(["compare", archive("sddpm"), model, "--shape", "3x8x8", "--samples", "2"] + given)
      #expect(outcome.status == 1 && outcome.errors.contains(expected), "\(outcome.errors)")
    }
    for option in [["--events", "ternary"], ["--state", "reset"]] {
      let outcome = try CommandLineTool.run(["run", model, "-o", folder.path("q.png")] + option)
      #expect(outcome.status == 1 && outcome.errors.contains("\(option[0]): \(model) is a network of spiking neurons"))
    }
  }

  @Test("int8 refuses it by name, and more steps than factors are refused")
  func refusals() throws {
    let folder = try TemporaryFolder()
    let int8 = try CommandLineTool.run(["convert", archive("sddpm"), "-o", folder.path("m.drift"), "--shape", "3x8x8"])
    #expect(int8.status == 1)
    #expect(int8.errors.contains("repeat cannot be converted to int8") && int8.errors.contains("spiking neurons"))
    for (options, expected) in [
      (["--spike-steps", "9"], "factors of 8 spiking steps, 9 were asked for"),
      (["--spike-steps", "0"], "--spike-steps 0: must be between 1 and 1024"),
      (["--threshold-factor", "3"], "--threshold-factor 3.0: must be between 0.5 and 2"),
    ] {
      let outcome = try CommandLineTool.run(
        ["convert", archive("sdm-tsm"), "-o", folder.path("m.drift"), "--target", "spiking", "--shape", "3x8x8"] + options)
      #expect(outcome.status == (expected.hasPrefix("--") ? 64 : 1))
      #expect(outcome.errors.contains(expected), "\(outcome.errors)")
    }
    for (options, expected) in [
      (
        ["--spike-steps", "2", "--architecture-option", "steps=4"],
        "--spike-steps 2: says what --architecture-option steps=4 says too"
      ),
      (["--architecture-option", "threshold_factor=100"], "threshold_factor=100: expected a number from 0.5 to 2.0"),
      (["--hysteresis", "1"], "neurons of 1 level by its training"),
    ] {
      let outcome = try CommandLineTool.run(
        ["convert", archive("sddpm"), "-o", folder.path("m.drift"), "--target", "spiking", "--shape", "3x8x8"] + options)
      #expect(outcome.status == 1 && outcome.errors.contains(expected), "\(outcome.errors)")
    }
    #expect(try folder.names().isEmpty)
  }
}

import DriftCalibration
import DriftEmission
import DriftFormat
import DriftGraph
import DriftQuantization
import DriftRuntime
import Testing

/// Cheaper guidance, from a denoiser that was never trained to a file.
@Suite struct GuidanceTests {
  /// Classes shift what the convolutions read, so that the branches differ by a small part of the answer.
  private func denoiser(classes: Int = 3) throws -> RandomDenoiser {
    var d = RandomDenoiser(seed: 21, classes: classes)
    let x = try d.sample(Shape(channels: 1, height: 8, width: 8))
    let h = try d.convolution(x, 8, name: "in")
    let shifted = try d.append(.add, h, try d.timeVector(8, name: "time"), name: "temb")
    let act = try d.append(.activation(.silu), try d.normalization(shifted, name: "norm"), name: "act")
    _ = try d.convolution(act, 1, name: "out")
    return d
  }

  private func convert(
    _ guidance: GuidanceOptions?, nullClass: Int? = 2, classes: Int = 3, steps: Int = 8
  ) throws -> (DriftImage, ConversionReport) {
    let options = ConversionOptions(steps: steps, calibrationSamples: 8, guidance: guidance)
    return try Converter(checkpoint: denoiser(classes: classes).checkpoint(nullClass: nullClass), options: options).convert()
  }

  @Test func withoutTheOptionEveryStepIsFull() throws {
    let (image, report) = try convert(nil)
    #expect(image.steps.allSatisfy { GuidanceRow($0) == .full })
    #expect(image.model.class_tensor == -1)
    #expect(report.guidance == nil)
  }

  @Test func adaptiveSkipsTheLastStepsWhoseBranchesAgree() throws {
    let all = try #require(try convert(.init(skipping: .adaptive, threshold: 1e-6)).1.guidance)
    // A threshold that the last steps reach and an earlier one does not.
    let means = all.steps.map(\.branches.mean)
    let threshold = try #require(means.last) - 1e-9
    let tail = means.count - means.reversed().prefix { $0 >= threshold }.count
    try #require((1..<means.count).contains(tail))
    let (image, report) = try convert(.init(skipping: .adaptive, threshold: threshold))
    #expect(image.steps.indices.map { GuidanceRow(image.steps[$0]).kind == .skipped } == means.indices.map { $0 >= tail })
    let guidance = try #require(report.guidance)
    #expect(guidance.steps.map(\.branches.mean) == means)
    #expect(guidance.steps.allSatisfy { $0.branches.worst <= $0.branches.mean })
    let ways = Dictionary(uniqueKeysWithValues: guidance.ways.map { ($0.skipping, $0) })
    #expect(ways["none"]?.evaluations == 16)
    #expect(ways["none"]?.floatPsnrDb.least == .infinity)
    #expect(ways["adaptive"]?.evaluations == 8 + tail)
    _ = try image.encode()
  }

  @Test func linearEstimatesWhatItCan() throws {
    let (image, report) = try convert(.init(skipping: .linear, threshold: 0.999))
    let rows = image.steps.map { GuidanceRow($0) }
    #expect(rows[0].kind == .full)
    #expect(rows.contains { $0.kind == .estimated })
    #expect(rows.allSatisfy { $0.kind != .skipped })
    #expect(image.model.class_tensor >= 0)
    let guidance = try #require(report.guidance)
    #expect(guidance.steps.map(\.kind) == rows.map { "\($0.kind)" })
    for (step, row) in zip(guidance.steps, rows) where row.kind == .estimated {
      #expect(step.factors == [row.lastNull, row.lastClass, row.nowClass])
      let estimate = try #require(step.estimate)
      #expect(1 - estimate.mean <= max(0.25 * (1 - step.branches.mean), 1 - 0.999))
    }
    let way = try #require(guidance.ways.first { $0.skipping == "linear" })
    #expect(way.evaluations == rows.reduce(0) { $0 + $1.evaluations(2) })
    #expect(way.evaluations < 16)
    _ = try image.encode()
  }

  @Test func moreEstimatesInARowMakeFewerEvaluations() throws {
    func kinds(_ estimates: Int) throws -> [String] {
      let options = GuidanceOptions(skipping: .linear, threshold: 0.999_999_999, estimates: estimates)
      return try #require(try convert(options).1.guidance).steps.map(\.kind)
    }
    let (one, three) = (try kinds(1), try kinds(3))
    #expect(zip(one, one.dropFirst()).allSatisfy { $0 == "full" || $1 == "full" })
    #expect(three.count { $0 == "estimated" } > one.count { $0 == "estimated" })
  }

  @Test func theSameOptionsGiveTheSameFile() throws {
    let options = GuidanceOptions(skipping: .linear, threshold: 0.999)
    #expect(try convert(options).0.encode() == convert(options).0.encode())
  }

  @Test(arguments: [
    (GuidanceOptions(skipping: .adaptive), nil as Int?, 8, "no label for \"no class\""),
    (GuidanceOptions(skipping: .linear, weight: 1), 2, 8, "weight 1.0"),
    (GuidanceOptions(skipping: .linear, weight: 0), 2, 8, "weight 0.0"),
    (GuidanceOptions(skipping: .linear, threshold: 1), 2, 8, "threshold"),
    (GuidanceOptions(skipping: .linear, estimates: 0), 2, 8, "at least one"),
    (GuidanceOptions(skipping: .linear), 2, 1, "at least two steps"),
    (GuidanceOptions(skipping: .adaptive, threshold: 0.999_999_999), 2, 8, "lower the threshold"),
  ])
  func whatCannotBeIsRefusedByName(_ options: GuidanceOptions, nullClass: Int?, steps: Int, part: String) {
    #expect {
      try convert(options, nullClass: nullClass, steps: steps)
    } throws: {
      "\($0)".contains("guidance skipping '\(options.skipping.rawValue)'") && "\($0)".contains(part)
    }
  }

  @Test func aModelWithNothingButTheNullClassIsRefused() {
    #expect {
      try convert(.init(skipping: .adaptive), nullClass: 0, classes: 1)
    } throws: {
      "\($0)".contains("no class besides")
    }
  }
}

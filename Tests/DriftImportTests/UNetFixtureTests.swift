import DriftGraph
import DriftImport
import DriftReference
import Testing

/// Every option of UNet2DModel that can be converted, against what diffusers answers.
@Suite struct UNetFixtureTests {
  @Test func `there are fixtures`() {
    #expect(Fixtures.names("unet").count == 20)
  }

  @Test(arguments: Fixtures.names("unet"))
  func `imported networks agree with diffusers to 90 dB`(_ name: String) throws {
    let folder = Fixtures.unet(name)
    let denoiser = FloatDenoiser(try Checkpoint.load(path: folder).graph)
    let (input, output) = (try NPYArray.read("\(folder)/input.npy"), try NPYArray.read("\(folder)/output.npy"))
    let timesteps = try NPYArray.read("\(folder)/timestep.npy").floats
    let classes = denoiser.graph.classCount > 0 ? try NPYArray.read("\(folder)/class.npy").integers : nil
    let size = input.count / timesteps.count
    for (index, timestep) in timesteps.enumerated() {
      let range = index * size..<(index + 1) * size
      let found = try denoiser.evaluate(x: Array(input.floats[range]), timestep: timestep, classLabel: classes?[index])
      let sqnr = Measures.sqnr(Array(output.floats[range]), found)
      print("\(name), timestep \(timestep): SQNR \(sqnr) dB")
      #expect(sqnr >= 90)
    }
  }

  @Test func `a pipeline folder brings its scheduler`() throws {
    let checkpoint = try Checkpoint.load(path: Fixtures.unet("three-levels"))
    #expect(checkpoint.schedule.trainingSteps == 200)
    #expect(checkpoint.schedule.setAlphaToOne == false)
    // scaled_linear from sqrt(0.0001) to sqrt(0.02).
    #expect(abs(checkpoint.schedule.alphaBar[0] - 0.9999) < 1e-7)
  }

  @Test func `a denoiser alone takes the schedule beside it, or another one that is given`() throws {
    let folder = try TemporaryFolder(copyOf: Fixtures.unet("class-table"))
    #expect(try Checkpoint.load(path: folder.path).schedule.trainingSteps == 100)
    try folder.write(
      "other.json", #"{"process": "beta", "num_train_timesteps": 50, "null_class": 4, "data_range": [0, 1], "clip_sample": false}"#)
    let checkpoint = try Checkpoint.load(path: folder.path, scheduleFile: "\(folder.path)/other.json")
    #expect(checkpoint.schedule.trainingSteps == 50)
    #expect(checkpoint.schedule.clipRange == nil)
    #expect(checkpoint.nullClass == 4)
    #expect(checkpoint.dataRange == 0...1)
    #expect(try Checkpoint.load(path: folder.path, nullClass: 2).nullClass == 2)
  }

  @Test func `a model without sample_size takes the size from schedule.json`() throws {
    let folder = try TemporaryFolder(copyOf: Fixtures.unet("plain"))
    try folder.set("sample_size", nil, in: "config.json")
    #expect { try Checkpoint.load(path: folder.path) } throws: { "\($0)".contains("sample_size") }
    try folder.set("sample_shape", [1, 16, 12], in: "schedule.json")
    #expect(try Checkpoint.load(path: folder.path).graph.sampleShape == Shape(channels: 1, height: 16, width: 12))
  }

  @Test func `a walk to timestep 0 is refused where the model divides by the timestep`() throws {
    let checkpoint = try Checkpoint.load(path: Fixtures.unet("fourier"))
    #expect { try checkpoint.plan(sampler: "ddim", steps: 10) } throws: { "\($0)".contains("timestep 0") }
    var shifted = checkpoint
    shifted.schedule.stepsOffset = 1
    #expect(try shifted.plan(sampler: "ddim", steps: 10).steps.last?.timestep == 1)
  }

  @Test func `values that are not finite are refused by node and timestep, before anyone sees them`() throws {
    let denoiser = FloatDenoiser(try Checkpoint.load(path: Fixtures.unet("fourier")).graph)
    let x = [Float](repeating: 0.5, count: 64)
    var seen: [Float] = []
    #expect {
      try denoiser.evaluate(x: x, timestep: 0) { _, values in seen += values }
    } throws: {
      "\($0)".contains("'time_proj'") && "\($0)".contains("timestep 0")
    }
    #expect(seen.count > 64)
    #expect(seen.allSatisfy { $0.isFinite })
    #expect { try denoiser.evaluateTimePart(timestep: 0) } throws: { "\($0)".contains("'time_proj'") }
    var broken = x
    broken[63] = .nan
    #expect { try denoiser.evaluate(x: broken, timestep: 5) } throws: { "\($0)".contains("'sample'") }
  }

  @Test func `numbers of the time part are those of a whole evaluation`() throws {
    let denoiser = FloatDenoiser(try Checkpoint.load(path: Fixtures.unet("class-table")).graph)
    let time = try denoiser.evaluateTimePart(timestep: 33, classLabel: 2)
    var compared = 0
    _ = try denoiser.evaluate(x: [Float](repeating: 0.5, count: 64), timestep: 33, classLabel: 2) { node, values in
      guard let expected = time[node] else { return }
      compared += 1
      #expect(expected == Array(values))
    }
    #expect(compared == time.count)
    #expect(compared > 10)
  }

  @Test func `a wrong class is refused with the model's classes`() throws {
    let denoiser = FloatDenoiser(try Checkpoint.load(path: Fixtures.unet("class-table")).graph)
    let x = [Float](repeating: 0, count: 64)
    #expect { try denoiser.evaluate(x: x, timestep: 1, classLabel: 5) } throws: { "\($0)".contains("0 to 4") }
    #expect { try denoiser.evaluate(x: x, timestep: 1) } throws: { "\($0)".contains("needs a class") }
  }
}

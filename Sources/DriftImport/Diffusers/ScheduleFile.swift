import DriftGraph

/// A `schedule.json`: what checkpoints do not say about themselves. Its keys mean what they mean in diffusers' scheduler configurations.
package struct ScheduleFile {
  /// [channels, height, width] of a picture.
  var sampleShape: Shape?
  /// What maps to black and to white.
  var dataRange: ClosedRange<Float>?
  /// Classes, "no class" not counted; 0 for an unconditional model.
  var classes: Int?
  /// The label that means "no class".
  var nullClass: Int?
  /// Names of an ONNX model's inputs and output.
  var ports = Ports()
  private var reader: ConfigReader

  /// What the inputs and the output of an ONNX model are called.
  struct Ports {
    var sample: String?
    var timestep: String?
    var classLabel: String?
    var output: String?
  }

  /// Reads a file. Keys that are not known and a noise schedule that cannot be converted are refused, even where another is taken.
  package init(_ path: String) throws(ImportError) {
    reader = try ConfigReader(file: path)
    if let sizes = try reader.optionalIntegers("sample_shape", in: 1...65_536) {
      guard sizes.count == 3 else { throw reader.wrong("sample_shape", expected: "[channels, height, width]") }
      sampleShape = Shape(channels: sizes[0], height: sizes[1], width: sizes[2])
    }
    if let range = try reader.optionalNumbers("data_range") {
      guard range.count == 2, Float(range[0]) < Float(range[1]), range.allSatisfy({ Float($0).isFinite }) else {
        throw reader.wrong("data_range", expected: "two ascending numbers, black and white")
      }
      dataRange = Float(range[0])...Float(range[1])
    }
    classes = try reader.optionalInteger("num_classes", in: 0...65_536)
    nullClass = try reader.optionalInteger("null_class", in: 0...65_536)
    if var names = try reader.optionalObject("onnx") {
      ports.sample = try names.optionalString("sample")
      ports.timestep = try names.optionalString("timestep")
      ports.classLabel = try names.optionalString("class_label")
      ports.output = try names.optionalString("output")
      names.ignore("opset")
      try names.refuseOthers(in: "the names of an ONNX model's inputs and output")
    }
    // Where the model came from, and walks that were recorded with it.
    reader.ignore(
      "name", "source", "timestep_dtype", "num_inference_steps", "init_noise_sigma", "timesteps", "alphas", "sigmas",
      "golden_step_indices", "runs")
    guard (try reader.optionalNumber("eta") ?? 0) == 0 else { throw reader.wrong("eta", expected: "0; give another with --eta") }
    _ = try noiseSchedule()
  }

  /// The noise schedule.
  package func noiseSchedule() throws(ImportError) -> NoiseSchedule {
    var reader = reader
    let process = try reader.string("process", default: "beta")
    var schedule: NoiseSchedule
    switch process {
    case "beta": schedule = try NoiseSchedule(&reader)
    case "linear": schedule = try linear(&reader)
    case "edm": schedule = try elucidated(&reader)
    default: throw reader.wrong("process", expected: "\"beta\", \"linear\" or \"edm\"")
    }
    if let name = try reader.optionalString("sampler") {
      guard NoiseSchedule.samplers.contains(name) else {
        throw reader.wrong("sampler", expected: "one of \(NoiseSchedule.samplers.joined(separator: ", "))")
      }
      // On betas DDIM stands for DDPM, as it does for diffusers' DDPMScheduler; on the others a plan refuses both.
      if process != "beta" || name != "ddpm" { schedule.sampler = name }
    }
    try reader.refuseOthers(in: "the keys of a schedule.json of process \"\(process)\"")
    return schedule
  }

  private func linear(_ reader: inout ConfigReader) throws(ImportError) -> NoiseSchedule {
    let time: NoiseProcess.FlowTime
    switch try reader.string("timestep_is") {
    case "sigma": time = .sigma(scale: 1)
    case "1 - sigma": time = .oneMinusSigma
    default: throw reader.wrong("timestep_is", expected: "\"sigma\" or \"1 - sigma\"")
    }
    if let spacing = try reader.optionalString("timestep_spacing"), spacing != "linear in sigma" {
      throw reader.wrong("timestep_spacing", expected: "\"linear in sigma\"")
    }
    return NoiseSchedule(
      process: .linear(time), trainingSteps: try reader.integer("num_train_timesteps", in: 1...100_000, default: 1000),
      prediction: try NoiseSchedule.prediction(&reader), clipRange: try clipRange(&reader), sampler: "euler")
  }

  private func elucidated(_ reader: inout ConfigReader) throws(ImportError) -> NoiseSchedule {
    let (high, low) = (try reader.number("sigma_max", default: 80), try reader.number("sigma_min", default: 0.002))
    for (key, value) in [("sigma_max", high), ("sigma_min", low)] where !(value > 0 && Float(value).isFinite) {
      throw reader.wrong(key, expected: "a number above 0")
    }
    guard low < high else { throw reader.wrong("sigma_min", expected: "a number below sigma_max") }
    let rho = try reader.number("rho", default: 7)
    guard rho > 0, rho <= 100 else { throw reader.wrong("rho", expected: "a number above 0, 100 at most") }
    let data = try reader.optionalNumber("sigma_data")
    guard data.map({ $0 > 0 && Float($0).isFinite }) ?? true else { throw reader.wrong("sigma_data", expected: "a number above 0") }
    guard try NoiseSchedule.prediction(&reader) == .sample else {
      throw reader.wrong("prediction_type", expected: "\"sample\": with preconditioning the answer gives the clean picture")
    }
    var listed: [NoiseProcess.Preconditioning.Factors] = []
    if var factors = try reader.optionalObject("preconditioning") {
      let inputs = try factors.optionalNumbers("c_in") ?? []
      let skips = try factors.optionalNumbers("c_skip") ?? []
      let outputs = try factors.optionalNumbers("c_out") ?? []
      let (named, fed) = (try factors.optionalNumbers("c_noise"), try reader.optionalNumbers("timesteps"))
      let times = named ?? fed ?? []
      try factors.refuseOthers(in: "the factors of a preconditioning")
      guard !inputs.isEmpty, [skips.count, outputs.count, times.count].allSatisfy({ $0 == inputs.count }) else {
        throw reader.wrong(
          "preconditioning", expected: "lists c_in, c_skip and c_out, a value each for each of the \(times.count) timesteps")
      }
      guard inputs.allSatisfy({ $0 > 0 }), (inputs + skips + outputs + times).allSatisfy({ Float($0).isFinite }) else {
        throw reader.wrong("preconditioning", expected: "numbers, c_in above 0")
      }
      listed = inputs.indices.map { .init(input: inputs[$0], skip: skips[$0], output: outputs[$0], noise: times[$0]) }
    }
    guard data != nil || !listed.isEmpty else {
      throw reader.wrong("sigma_data", expected: "a number above 0, as no preconditioning is listed")
    }
    return NoiseSchedule(
      process: .elucidated(.init(sigmaMax: high, sigmaMin: low, rho: rho, sigmaData: data, listed: listed)),
      trainingSteps: try reader.integer("num_train_timesteps", in: 1...100_000, default: 1000), prediction: .sample,
      clipRange: try clipRange(&reader), sampler: "euler")
  }

  private func clipRange(_ reader: inout ConfigReader) throws(ImportError) -> Double? {
    reader.ignore("clip_sample_range")
    guard try reader.bool("clip_sample", default: false) else { return nil }
    let range = try reader.number("clip_sample_range", default: 1)
    guard range > 0, Float(range).isFinite else { throw reader.wrong("clip_sample_range", expected: "a number above 0") }
    return range
  }
}

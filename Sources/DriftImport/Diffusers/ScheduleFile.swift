import DriftGraph

/// A `schedule.json`: what checkpoints do not say about themselves. Its keys mean what they mean in diffusers' scheduler configurations.
struct ScheduleFile {
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

  init(_ path: String) throws(ImportError) {
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
    }
  }

  /// The noise schedule.
  func noiseSchedule() throws(ImportError) -> NoiseSchedule {
    var reader = reader
    guard try reader.string("process", default: "beta") == "beta" else {
      throw reader.wrong("process", expected: "\"beta\"; other kinds of diffusion cannot be sampled yet")
    }
    return try NoiseSchedule(&reader)
  }
}

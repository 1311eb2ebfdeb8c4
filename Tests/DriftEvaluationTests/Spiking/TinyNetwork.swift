import DriftEmission
import DriftEvaluation
import DriftFormat
import DriftSpiking
import DriftTestImages
import Foundation

/// A network of a few pixels with strides, borders, enlargement by repetition and by phases, an operand of 16 bits, classes and guidance.
enum TinyNetwork {
  static let steps = 5

  /// The integer program.
  static func image() throws -> DriftImage {
    var b = ImageBuilder(seed: 21)
    b.image.model.sample_height = 8
    b.image.model.sample_width = 6
    b.image.model.sample_channels = 3
    b.image.model.training_steps = 1000
    (b.image.model.data_low, b.image.model.data_high) = (-1, 1)
    b.image.model.max_threads = 4
    (b.image.model.class_count, b.image.model.null_class) = (3, 2)
    let state = b.persistent("x")
    b.image.model.state_tensor = state
    b.image.model.guidance_tensor = b.persistent("e.null")
    let (int8, int16, pair) = (DRIFT_TYPE_INT8, DRIFT_TYPE_INT16, DRIFT_TYPE_INT8_PAIR)
    let q = b.add("q", DRIFT_OP_QUANTIZE, [state], to: b.tensor("q", int8, 8, 6, 3))
    let down = b.convolve("down", q, to: b.tensor("down", int8, 4, 3, 5), kernel: 3, pad: 1) {
      $0.stride = 2
      ($0.step_column, $0.step_scale) = (0, 0.0005)
    }
    let up = b.convolve("up", down, to: b.tensor("up", int8, 8, 6, 16), kernel: 2, pad: 1, phases: 4)
    let again = b.convolve("again", up, to: b.tensor("again", int8, 4, 3, 4), kernel: 3, pad: 1) { $0.stride = 2 }
    let near = b.convolve("near", again, to: b.tensor("near", int16, 8, 6, 4), kernel: 3, pad: 1) { $0.upsample = 1 }
    let fine = b.add("fine", DRIFT_OP_QUANTIZE, [near], to: b.tensor("fine", pair, 8, 6, 4))
    let answer = b.convolve("out", fine, to: b.tensor("e", DRIFT_TYPE_FLOAT32, 8, 6, 3), kernel: 3, pad: 1)
    b.image.model.output_tensor = answer
    b.image.programs = [.init(name: "unet", operators: 0..<b.image.operators.count, input: Int(state), output: Int(answer))]
    b.image.model.step_columns = 5
    b.image.stepTable = (0..<5 * 3 * steps).map { (index: Int) -> Int16 in Int16(index * 37 % 2001 - 1000) }
    b.image.steps = (0..<steps).map(step)
    b.quantize(groups: 2)
    try b.image.planMemory()
    return b.image
  }

  private static func step(_ index: Int) -> drift_step {
    var step = drift_step()
    step.timestep = Float(900 - 200 * index)
    step.group = index < 3 ? 0 : 1
    step.flags = DRIFT_STEP_CLIP.rawValue
    (step.p, step.q, step.a, step.b, step.g) = (1.2, -0.6, 0, 0.9, 0.3)
    (step.clipped_a, step.clipped_b, step.clip_low, step.clip_high) = (0.4, 0.5, -1, 1)
    step.guidance = 1
    step.write_slot = .absent
    step.step_row = UInt32(3 * index)
    step.output_scale = 1
    return step
  }

  /// A file of an image, opened; the file itself is gone already.
  static func open(_ image: DriftImage) throws -> ModelFile {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("tiny-\(UUID().uuidString).drift").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try image.encode().withUnsafeBytes { try Data($0).write(to: URL(fileURLWithPath: path)) }
    return try ModelFile(path: path)
  }

  /// The spiking program's file.
  static func spiking() throws -> ModelFile { try open(image().spiking()) }
}

import DriftFormat
import DriftTool
import Spindrift

/// `--raw`: the samples as they are, in a `.npy` file of shape [N,C,H,W]. Does nothing if it was not asked for.
struct ArrayFile: ~Copyable {
  private var file: OutputFile?

  init(_ path: UnsafePointer<CChar>?, _ model: borrowing Model, count: Int) throws(ExitStatus) {
    guard let path else {
      file = nil
      return
    }
    let facts = model.file.model
    file = try OutputFile(path)
    try NPYWriter(count, Int(facts.picture_channels), Int(facts.picture_height), Int(facts.picture_width)).withBytes {
      (bytes) throws(ExitStatus) in try write(bytes)
    }
  }

  /// Adds a sample.
  mutating func take(_ sample: UnsafeBufferPointer<Float>) throws(ExitStatus) {
    try write(UnsafeRawBufferPointer(sample))
  }

  mutating func finish() throws(ExitStatus) {
    try file?.commit()
  }

  private mutating func write(_ bytes: UnsafeRawBufferPointer) throws(ExitStatus) {
    try file?.write(bytes)
  }
}

import DriftFormat
import DriftTool
import Spindrift

/// `--noise`: starting noise of some samples, from a `.npy` file of shape [C,H,W] or [N,C,H,W]. Empty if it was not given.
struct NoiseFile: ~Copyable {
  /// How many samples it holds; nil without a file.
  let count: Int?

  private let file: MappedFile
  private let dataOffset: Int

  /// - Throws: `failed`, after saying what is wrong with the file.
  init(_ path: UnsafePointer<CChar>?, for model: drift_model) throws(ExitStatus) {
    let file = try MappedFile(path)
    if let path {
      (count, dataOffset) = try NoiseFile.examine(file.bytes, path, model)
    } else {
      (count, dataOffset) = (nil, 0)
    }
    self.file = file
  }

  private static func examine(
    _ bytes: UnsafeRawBufferPointer, _ path: UnsafePointer<CChar>, _ model: drift_model
  ) throws(ExitStatus) -> (count: Int, dataOffset: Int) {
    do throws(NPYHeader.Refusal) {
      let header = try NPYHeader(parsing: bytes)
      guard let count = sampleCount(header, model) else { throw .otherShape }
      return (count, header.dataOffset)
    } catch {
      StandardError.begin()
      StandardError.write("--noise ")
      StandardError.write(argument: path)
      StandardError.write(": ")
      StandardError.write(error.message)
      if error == .otherShape { writeShape(model) }
      StandardError.write("\n")
      throw .failed
    }
  }

  /// Copies one sample's noise to where it is aligned.
  func copy(_ index: Int, into sample: UnsafeMutableBufferPointer<Float>) {
    let bytes = UnsafeMutableRawBufferPointer(sample)
    let start = dataOffset + index * bytes.count
    bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: file.bytes[start..<start + bytes.count]))
  }

  private static func sampleCount(_ header: NPYHeader, _ model: drift_model) -> Int? {
    let first = header.rank - 3
    guard first == 0 || first == 1, header.shape[first] == Int(model.sample_channels),
      header.shape[first + 1] == Int(model.sample_height), header.shape[first + 2] == Int(model.sample_width)
    else { return nil }
    let count = first == 0 ? 1 : header.shape[0]
    return count > 0 ? count : nil
  }

  private static func writeShape(_ model: drift_model) {
    StandardError.write("[")
    StandardError.write(UInt64(model.sample_channels))
    StandardError.write(", ")
    StandardError.write(UInt64(model.sample_height))
    StandardError.write(", ")
    StandardError.write(UInt64(model.sample_width))
    StandardError.write("], or that with the number of samples before it")
  }
}

import DriftEvaluation
import DriftImport

/// Samples read from a `.npy` file, checked against the model that shall take them.
struct SampleArray {
  /// As in the file: [C,H,W] or [N,C,H,W].
  var shape: [Int]
  /// The samples, channels first each.
  var all: [[Float]]

  /// Reads a file.
  /// - Parameter option: the option that named it, for errors.
  /// - Throws: `ImportError` for unreadable files, `CommandError` for other shapes and values that are not finite.
  init(path: String, option: String, source: any PictureSource) throws {
    let array = try NPYArray.read(path)
    let sample = source.sampleShape
    guard array.shape == sample || (array.shape.count == 4 && Array(array.shape.dropFirst()) == sample && array.shape[0] > 0) else {
      throw CommandError(
        "\(option) \(path): has shape \(array.shape), the model takes \(sample) or [N, \(sample.map(String.init).joined(separator: ", "))]"
      )
    }
    let values = array.floats
    guard values.allSatisfy(\.isFinite) else { throw CommandError("\(option) \(path): holds values that are not finite numbers") }
    shape = array.shape
    let count = source.sampleShape.reduce(1, *)
    all = stride(from: 0, to: values.count, by: count).map { Array(values[$0..<$0 + count]) }
  }
}

import CDriftFormat
import DriftFormat

/// What a request may ask for.
extension Session {
  /// The row of the step table that a class label means: -1 is the null class.
  /// - Throws: `badClass`: a label that the model does not have, a label for an unconditional model, or none where the model needs one.
  func resolvedClass(_ label: Int32) throws(DriftError) -> Int32 {
    let count = Int32(truncatingIfNeeded: file.model.class_count)
    if label == -1 && count == 0 { return -1 }
    let resolved = label == -1 ? file.model.null_class : label
    guard resolved >= 0, resolved < count else {
      throw DriftError(
        .badClass, expected: UInt64(truncatingIfNeeded: file.model.class_count),
        found: UInt64(bitPattern: Int64(truncatingIfNeeded: label)))
    }
    return resolved
  }

  /// - Throws: `badGuidance`: outside of `FormatLimits.guidance`, or other than 1 for a model without null class.
  func checkGuidance(_ weight: Float) throws(DriftError) {
    guard FormatLimits.guidance.contains(weight), weight == 1 || file.model.null_class.isPresent else {
      throw DriftError(.badGuidance, expected: 1, found: UInt64(truncatingIfNeeded: weight.bitPattern))
    }
  }

  /// Not a matter of safety, but no picture comes of it, and a NaN's bits differ between CPUs.
  /// - Throws: `badNoise` with the number of values that have to be finite, and the index of the first that is not.
  func checkNoise(_ noise: UnsafePointer<Float>?) throws(DriftError) {
    guard let noise else { return }
    for index in 0..<sampleCount where !noise[index].isFinite {
      throw DriftError(.badNoise, expected: UInt64(truncatingIfNeeded: sampleCount), found: UInt64(truncatingIfNeeded: index))
    }
  }

  func check(step index: Int) throws(DriftError) {
    guard index >= 0, index < stepCount else {
      throw DriftError(
        .badStep, expected: UInt64(truncatingIfNeeded: stepCount),
        found: UInt64(bitPattern: Int64(truncatingIfNeeded: index)))
    }
  }

  /// - Throws: `outputTooSmall` if a buffer does not hold so many values.
  func check(_ output: UnsafeMutableBufferPointer<Float>, holds count: Int) throws(DriftError) {
    guard output.count >= count, output.baseAddress != nil else {
      throw DriftError(
        .outputTooSmall, expected: UInt64(truncatingIfNeeded: count), found: UInt64(truncatingIfNeeded: output.count))
    }
  }
}

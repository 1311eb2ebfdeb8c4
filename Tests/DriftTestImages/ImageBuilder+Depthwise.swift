import DriftEmission
import DriftFormat

extension ImageBuilder {
  /// Adds a depthwise convolution with made-up weights; `change` may set stride or step column.
  @discardableResult
  public mutating func convolveDepthwise(
    _ name: String, _ input: Int32, to output: Int32, kernel: Int, pad: Int, _ change: (inout drift_operator) -> Void = { _ in }
  ) -> Int32 {
    let (channels, taps) = (image.tensors[Int(output)].channels, kernel * kernel)
    let weights = (0..<channels * taps).map { Int8($0 * 89 % 255 - 127) }
    let packed = WeightPacking.packDepthwise(weights, channels: channels, taps: taps)
    let sums = WeightPacking.sums(weights, outputs: channels, inputs: 1, taps: taps)
    let constants = (
      constant("\(name).weights", DRIFT_CONSTANT_DEPTHWISE, channels, taps, 1, packed),
      floats("\(name).scales", (0..<channels).map { 0.002 + 0.0001 * Float($0) }),
      floats("\(name).bias", (0..<channels).map { 0.05 * Float($0 % 5) - 0.1 }),
      constant("\(name).sums", DRIFT_CONSTANT_SUMS, channels, 1, 1, sums.withUnsafeBytes { Array($0) })
    )
    return add(name, DRIFT_OP_DEPTHWISE, [input], to: output) { record in
      record.constants = (constants.0, constants.1, constants.2, constants.3, .absent)
      (record.kernel_height, record.kernel_width, record.stride) = (UInt32(kernel), UInt32(kernel), 1)
      (record.pad_top, record.pad_left) = (UInt32(pad), UInt32(pad))
      change(&record)
    }
  }
}

import CDriftFormat
import DriftGraph
import Foundation

/// The tables of docs/arithmetic.md, filled in double precision by the converter so that no runtime needs a math library.
enum ActivationTables {
  /// float32 [2048]: relu(y) - f(y) at y = (i - 1024) / 128.
  static func activation(_ function: Activation) -> [UInt8] {
    ConstantBytes.floats(
      (0..<Int(DRIFT_ACTIVATION_TABLE_ENTRIES)).map { index in
        let y = Double(index - 1024) / 128
        return Float(max(y, 0) - function(y))
      })
  }

  /// uint8 [2048]: round(255 * exp(-i / 256)).
  static func exponential() -> [UInt8] {
    (0..<Int(DRIFT_EXP_TABLE_ENTRIES)).map { UInt8((255 * exp(-Double($0) / 256)).rounded()) }
  }
}

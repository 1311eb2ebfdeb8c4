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

  /// float32 [8]: an even bump that relu exceeds f by, as u * p(u)^8 with u = min(|y|, limit); nil if the difference is not even.
  ///
  /// Least squares of high order over 0 ... limit in double precision: at most 5.8e-4 off SiLU and 5.7e-5 off GELU, where the table's
  /// steps cost up to 2e-3.
  static func bump(_ function: Activation) -> [UInt8]? {
    switch function {
    case .silu: ConstantBytes.floats([10, 0.9181424, -0.059588563, -0.012507955, 0.0024901533, -0.00013437858, 0, 0])
    case .gelu: ConstantBytes.floats([5, 0.91669774, -0.08941294, -0.036081113, 0.002685369, 0.000512038, 0, 0])
    // SiLU of 1.702 y, divided by as much.
    case .quickGelu:
      ConstantBytes.floats([5.875441, 0.9181424, -0.10141973, -0.036232595, 0.012277027, -0.0011276211, 0, 0])
    case .relu, .mish, .geluTanh, .tanh, .sigmoid, .elu, .hardSwish, .hardSigmoid: nil
    }
  }

  /// uint8 [2048]: round(255 * exp(-i / 256)).
  static func exponential() -> [UInt8] {
    (0..<Int(DRIFT_EXP_TABLE_ENTRIES)).map { UInt8((255 * exp(-Double($0) / 256)).rounded()) }
  }
}

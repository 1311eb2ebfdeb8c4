import DriftRuntime

/// What the steps of a walk keep for later ones, in up to four slots.
public struct SamplerHistory: Sendable {
  private var values: ([Float], [Float], [Float], [Float])

  /// Empty slots of `count` values each; slots beyond `slots` do not exist.
  public init(slots: Int, count: Int) {
    func slot(_ index: Int) -> [Float] { index < slots ? [Float](repeating: 0, count: count) : [] }
    values = (slot(0), slot(1), slot(2), slot(3))
  }

  /// Lends the slots to a row. The pointers are valid during the call only.
  public mutating func withSlots(_ body: (SamplerRow.History) -> Void) {
    values.0.withUnsafeMutableBufferPointer { first in
      values.1.withUnsafeMutableBufferPointer { second in
        values.2.withUnsafeMutableBufferPointer { third in
          values.3.withUnsafeMutableBufferPointer { fourth in
            func pointer(_ slot: UnsafeMutableBufferPointer<Float>) -> UnsafeMutablePointer<Float>? {
              slot.isEmpty ? nil : slot.baseAddress
            }
            body((pointer(first), pointer(second), pointer(third), pointer(fourth)))
          }
        }
      }
    }
  }
}

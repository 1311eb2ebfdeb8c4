import CSpindrift
import DriftFormat

/// The inside of a `spindrift_model`: a mark that it is open, then a ``ModelStorage``.
enum ModelHandle {
  /// What the first word holds while the handle is open; anything else means that it is not.
  private static let openMark: UInt64 = 0x5350_494E_4452_4654
  private static let storageOffset = 16

  /// Whether a `spindrift_model` has room for what this build keeps in it.
  static var fits: Bool {
    storageOffset + MemoryLayout<ModelStorage>.size <= MemoryLayout<spindrift_model>.size
      && MemoryLayout<ModelStorage>.alignment <= MemoryLayout<spindrift_model>.alignment
  }

  static func isOpen(_ model: UnsafePointer<spindrift_model>) -> Bool {
    model.pointee.opaque.0 == openMark
  }

  static func open(_ model: UnsafeMutablePointer<spindrift_model>, _ storage: ModelStorage) {
    let raw = UnsafeMutableRawPointer(model)
    (raw + storageOffset).bindMemory(to: ModelStorage.self, capacity: 1).initialize(to: storage)
    raw.storeBytes(of: openMark, as: UInt64.self)
  }

  static func close(_ model: UnsafeMutablePointer<spindrift_model>) {
    UnsafeMutableRawBufferPointer(start: model, count: MemoryLayout<spindrift_model>.size).initializeMemory(
      as: UInt8.self, repeating: 0)
  }

  /// What an open handle holds.
  static func storage(_ model: UnsafePointer<spindrift_model>) -> ModelStorage {
    (UnsafeRawPointer(model) + storageOffset).assumingMemoryBound(to: ModelStorage.self).pointee
  }
}

import CSpindrift
import DriftFormat

/// What a function of the C interface reports.
struct CFailure: Error {
  let record: spindrift_error

  init(_ error: DriftError) {
    record = spindrift_error(
      code: error.code.rawValue, reserved: 0, offset: error.offset, expected: error.expected, found: error.found)
  }

  init(_ status: spindrift_status, expected: UInt64 = 0, found: UInt64 = 0) {
    record = spindrift_error(
      code: Int32(truncatingIfNeeded: status.rawValue), reserved: 0, offset: 0, expected: expected, found: found)
  }

  /// Refuses NULL and misaligned pointers.
  static func check<T>(_ pointer: UnsafePointer<T>?, argument: UInt64) throws(CFailure) -> UnsafePointer<T> {
    guard let pointer, isAligned(pointer) else { throw CFailure(SPINDRIFT_BAD_POINTER, found: argument) }
    return pointer
  }

  /// Refuses NULL and misaligned pointers.
  static func check<T>(_ pointer: UnsafeMutablePointer<T>?, argument: UInt64) throws(CFailure) -> UnsafeMutablePointer<T> {
    guard let pointer, isAligned(UnsafePointer(pointer)) else { throw CFailure(SPINDRIFT_BAD_POINTER, found: argument) }
    return pointer
  }

  /// The model in an open handle, the first argument of most functions.
  static func checkOpen(_ model: UnsafePointer<spindrift_model>?) throws(CFailure) -> ModelStorage {
    let model = try check(model, argument: 1)
    guard ModelHandle.isOpen(model) else { throw CFailure(SPINDRIFT_NOT_OPEN) }
    return ModelHandle.storage(model)
  }

  static func isAligned<T>(_ pointer: UnsafePointer<T>) -> Bool {
    UInt(bitPattern: pointer) & UInt(bitPattern: MemoryLayout<T>.alignment - 1) == 0
  }

  /// Runs the body of a function of the C interface: gives its status, and the details to whoever asked for them.
  @inline(__always)
  static func report(
    _ error: UnsafeMutablePointer<spindrift_error>? = nil, _ body: () throws(CFailure) -> Void
  ) -> Int32 {
    var record = spindrift_error()
    do {
      try body()
    } catch {
      record = error.record
    }
    if let error, isAligned(UnsafePointer(error)) { error.pointee = record }
    return record.code
  }
}

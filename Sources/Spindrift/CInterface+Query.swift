import CSpindrift
import DriftFormat
import DriftRuntime

@c @implementation
func spindrift_query(_ model: UnsafePointer<spindrift_model>!, _ info: UnsafeMutablePointer<spindrift_info>!) -> Int32 {
  CFailure.report { () throws(CFailure) in
    let storage = try CFailure.checkOpen(model)
    let info = try CFailure.check(info, argument: 2)
    // A caller of a later version has a longer structure; what this version does not know stays as it is.
    try checkSize(info.pointee.struct_size, of: spindrift_info.self)
    let facts = storage.file.model
    let size = info.pointee.struct_size
    info.pointee = spindrift_info(
      struct_size: size,
      channels: facts.picture_channels, height: facts.picture_height, width: facts.picture_width,
      class_count: facts.class_count, null_class: facts.null_class,
      steps: facts.step_count, max_threads: facts.max_threads,
      data_low: facts.data_low, data_high: facts.data_high, default_guidance: facts.default_guidance, reserved: 0,
      sample_values: UInt64(storage.pictureCount), file_bytes: UInt64(storage.file.bytes.count))
  }
}

@c @implementation
func spindrift_arena_bytes(
  _ model: UnsafePointer<spindrift_model>!, _ threads: UInt32, _ bytes: UnsafeMutablePointer<UInt64>!
) -> Int32 {
  CFailure.report { () throws(CFailure) in
    let storage = try CFailure.checkOpen(model)
    let bytes = try CFailure.check(bytes, argument: 3)
    let limit = storage.file.model.max_threads
    guard threads >= 1, threads <= limit else {
      throw CFailure(SPINDRIFT_BAD_THREADS, expected: UInt64(limit), found: UInt64(threads))
    }
    bytes.pointee = Session.arenaBytes(for: storage.file.model, threads: Int(threads))
  }
}

@c @implementation
func spindrift_error_text(_ code: Int32) -> UnsafePointer<CChar>! {
  UnsafeRawPointer(statusText(code).utf8Start).assumingMemoryBound(to: CChar.self)
}

@c @implementation
func spindrift_version() -> UInt32 {
  UInt32(SPINDRIFT_VERSION_MAJOR) &<< 16 | UInt32(SPINDRIFT_VERSION_MINOR) &<< 8 | UInt32(SPINDRIFT_VERSION_PATCH)
}

/// Checks the size that the caller of a structure states: at least as long as this version's.
func checkSize<T>(_ size: UInt32, of type: T.Type) throws(CFailure) {
  let expected = UInt64(MemoryLayout<T>.size)
  guard UInt64(size) >= expected else {
    throw CFailure(SPINDRIFT_BAD_STRUCT_SIZE, expected: expected, found: UInt64(size))
  }
}

private func statusText(_ code: Int32) -> StaticString {
  switch UInt32(truncatingIfNeeded: code) {
  case SPINDRIFT_OK.rawValue: "no error"
  case SPINDRIFT_BAD_POINTER.rawValue: "a pointer is NULL or not aligned for its type; see which argument in `found`"
  case SPINDRIFT_NOT_OPEN.rawValue: "the model is not open; open it first and check that this succeeded"
  case SPINDRIFT_ALREADY_OPEN.rawValue: "the handle is open already; close it first, and start with a handle of zero bytes"
  case SPINDRIFT_BAD_STRUCT_SIZE.rawValue: "struct_size is too small; set it to the structure's size before the call"
  default: DriftErrorCode(rawValue: code)?.message ?? "unknown code; this library is older than what reported it"
  }
}

import CDriftPlatform
import DriftFormat

/// What an opened model consists of. Plain data, so that the C interface can keep it in memory of the caller's.
struct ModelStorage: Sendable {
  let file: DriftFile
  /// The mapping that `file` lies in; base nil if the bytes are the caller's.
  private let mappedBase: UInt
  private let mappedLength: UInt64

  init(verifying bytes: UnsafeRawBufferPointer) throws(DriftError) {
    file = try DriftFile(verifying: bytes)
    mappedBase = 0
    mappedLength = 0
  }

  init(mapping path: UnsafePointer<CChar>) throws(DriftError) {
    var mapping = drift_mapping()
    let status = drift_map_file(path, &mapping)
    if status == DRIFT_FILE_NOT_REGULAR.rawValue { throw DriftError(.notRegularFile) }
    if status != 0 { throw DriftError(.mapFailed, found: UInt64(bitPattern: Int64(status))) }
    do {
      // Mappable lengths fit an Int: drift_map_file refuses others.
      file = try DriftFile(
        verifying: UnsafeRawBufferPointer(start: mapping.base, count: Int(truncatingIfNeeded: mapping.length)))
    } catch {
      drift_unmap_file(&mapping)
      throw error
    }
    mappedBase = UInt(bitPattern: mapping.base)
    mappedLength = mapping.length
  }

  var sampleCount: Int {
    Int(truncatingIfNeeded: file.model.sample_channels) &* Int(truncatingIfNeeded: file.model.sample_height)
      &* Int(truncatingIfNeeded: file.model.sample_width)
  }

  /// Values of what a session delivers.
  var pictureCount: Int {
    Int(truncatingIfNeeded: file.model.picture_channels) &* Int(truncatingIfNeeded: file.model.picture_height)
      &* Int(truncatingIfNeeded: file.model.picture_width)
  }

  /// Gives the mapping back; `file` is not to be used any more.
  func unmap() {
    var mapping = drift_mapping(base: UnsafeRawPointer(bitPattern: mappedBase), length: mappedLength)
    drift_unmap_file(&mapping)
  }
}

import CSpindrift
import DriftFormat

@c @implementation
func spindrift_open_memory(
  _ model: UnsafeMutablePointer<spindrift_model>!, _ bytes: UnsafeRawPointer!, _ length: Int,
  _ error: UnsafeMutablePointer<spindrift_error>!
) -> Int32 {
  CFailure.report(error) { () throws(CFailure) in
    let model = try checkClosed(model)
    guard let bytes, length >= 0 else { throw CFailure(SPINDRIFT_BAD_POINTER, found: 2) }
    do throws(DriftError) {
      ModelHandle.open(model, try ModelStorage(verifying: UnsafeRawBufferPointer(start: bytes, count: length)))
    } catch {
      throw CFailure(error)
    }
  }
}

@c @implementation
func spindrift_open_path(
  _ model: UnsafeMutablePointer<spindrift_model>!, _ path: UnsafePointer<CChar>!, _ error: UnsafeMutablePointer<spindrift_error>!
) -> Int32 {
  CFailure.report(error) { () throws(CFailure) in
    let model = try checkClosed(model)
    let path = try CFailure.check(path, argument: 2)
    do throws(DriftError) {
      ModelHandle.open(model, try ModelStorage(mapping: path))
    } catch {
      throw CFailure(error)
    }
  }
}

@c @implementation
func spindrift_close(_ model: UnsafeMutablePointer<spindrift_model>!) -> Int32 {
  CFailure.report { () throws(CFailure) in
    let storage = try CFailure.checkOpen(model)
    ModelHandle.close(model)
    storage.unmap()
  }
}

private func checkClosed(_ model: UnsafeMutablePointer<spindrift_model>?) throws(CFailure) -> UnsafeMutablePointer<spindrift_model>
{
  let model = try CFailure.check(model, argument: 1)
  guard ModelHandle.fits else { throw CFailure(SPINDRIFT_BAD_STRUCT_SIZE) }
  guard !ModelHandle.isOpen(model) else { throw CFailure(SPINDRIFT_ALREADY_OPEN) }
  return model
}

import CSpindrift
import DriftFormat
import DriftRuntime

@c @implementation
func spindrift_generate(
  _ model: UnsafePointer<spindrift_model>!, _ arena: UnsafeMutableRawPointer!, _ arena_bytes: Int,
  _ request: UnsafePointer<spindrift_request>!, _ output: UnsafeMutablePointer<Float>!, _ output_values: Int,
  _ error: UnsafeMutablePointer<spindrift_error>!
) -> Int32 {
  CFailure.report(error) { () throws(CFailure) in
    let storage = try CFailure.checkOpen(model)
    guard let arena, arena_bytes >= 0 else { throw CFailure(SPINDRIFT_BAD_POINTER, found: 2) }
    let request = try CFailure.check(request, argument: 4)
    try checkSize(request.pointee.struct_size, of: spindrift_request.self)
    let output = try CFailure.check(output, argument: 5)
    let order = request.pointee
    guard order.reserved == 0 else { throw CFailure(SPINDRIFT_BAD_ARGUMENT, found: UInt64(order.reserved)) }
    let threads = Int(exactly: order.threads) ?? Int.max
    let (progress, user) = (order.progress, order.user)
    do throws(DriftError) {
      let call = Request(
        seed: order.seed, sampleIndex: order.sample_index, classLabel: order.class_label, guidance: order.guidance,
        noise: try noise(of: order, sampleCount: storage.sampleCount))
      var session = try Session(
        file: storage.file, arena: UnsafeMutableRawBufferPointer(start: arena, count: arena_bytes), threads: threads,
        kernels: try kernels(named: order.kernel))
      try session.generate(call, into: UnsafeMutableBufferPointer(start: output, count: max(output_values, 0))) { done, of in
        guard let progress else { return true }
        return progress(user, UInt32(truncatingIfNeeded: done), UInt32(truncatingIfNeeded: of)) == 0
      }
    } catch {
      throw CFailure(error)
    }
  }
}

@c @implementation
func spindrift_pixels(
  _ model: UnsafePointer<spindrift_model>!, _ sample: UnsafePointer<Float>!, _ sample_values: Int,
  _ pixels: UnsafeMutablePointer<UInt8>!, _ pixel_bytes: Int
) -> Int32 {
  CFailure.report { () throws(CFailure) in
    let storage = try CFailure.checkOpen(model)
    let sample = try CFailure.check(sample, argument: 2)
    let pixels = try CFailure.check(pixels, argument: 4)
    let facts = storage.file.model
    guard sample_values == storage.pictureCount, pixel_bytes >= sample_values else {
      let found = sample_values == storage.pictureCount ? pixel_bytes : sample_values
      throw CFailure(
        SPINDRIFT_OUTPUT_TOO_SMALL, expected: UInt64(storage.pictureCount), found: UInt64(truncatingIfNeeded: found))
    }
    // The verifier bounds a sample's size far below what a grid can hold.
    let grid = PictureGrid(
      count: 1, channels: Int(facts.picture_channels), height: Int(facts.picture_height), width: Int(facts.picture_width))
    grid?.place(
      UnsafeBufferPointer(start: sample, count: sample_values), at: 0,
      mapping: PixelMapping(low: facts.data_low, high: facts.data_high),
      in: UnsafeMutableBufferPointer(start: pixels, count: pixel_bytes))
  }
}

/// The starting noise that a request brings along.
private func noise(of request: spindrift_request, sampleCount: Int) throws(DriftError) -> UnsafePointer<Float>? {
  guard let noise = request.noise else {
    guard request.noise_count == 0 else { throw DriftError(.badNoise, found: UInt64(truncatingIfNeeded: request.noise_count)) }
    return nil
  }
  guard request.noise_count == sampleCount, CFailure.isAligned(noise) else {
    throw DriftError(.badNoise, expected: UInt64(sampleCount), found: UInt64(truncatingIfNeeded: request.noise_count))
  }
  return noise
}

private func kernels(named name: UnsafePointer<CChar>?) throws(DriftError) -> KernelSet {
  guard let name else { return .best }
  guard let set = KernelSet(named: name) else { throw DriftError(.badKernel) }
  return set
}

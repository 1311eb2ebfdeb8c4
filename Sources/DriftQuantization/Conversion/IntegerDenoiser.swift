import CDriftFormat
import DriftEmission
import DriftFormat
import DriftRuntime

/// An image in memory, run by the device's own engine: what the converter measures is what a board computes. Not for concurrent use.
package final class IntegerDenoiser {
  private let bytes: UnsafeMutableRawBufferPointer
  private let arena: UnsafeMutableRawBufferPointer
  private var session: Session
  private let activity: UnsafeMutableBufferPointer<OperatorActivity>?

  /// - Throws: `DriftError` if the file's bytes are not valid.
  /// - Parameter counts: whether ``synapticOperations`` of a spiking program are counted.
  package init(encoded: [UInt8], counts: Bool = false) throws(DriftError) {
    let alignment = Int(DRIFT_ALIGNMENT)
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(encoded.count, 1), alignment: alignment)
    bytes.copyBytes(from: encoded)
    var arena: UnsafeMutableRawBufferPointer?
    do {
      let file = try DriftFile(verifying: UnsafeRawBufferPointer(rebasing: bytes[..<encoded.count]))
      let space = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(file.model.arena_bytes), alignment: alignment)
      arena = space
      session = try Session(file: file, arena: space, threads: 1)
      self.arena = space
    } catch {
      arena?.deallocate()
      bytes.deallocate()
      throw error
    }
    self.bytes = bytes
    let count = counts ? session.file.operators.count : 0
    let activity = UnsafeMutableBufferPointer<OperatorActivity>.allocate(capacity: count)
    activity.initialize(repeating: OperatorActivity())
    self.activity = activity
    if counts { session.activity = activity }
  }

  /// Additions of weights to membranes in all evaluations.
  package var synapticOperations: UInt64 { activity?.reduce(0) { $0 + $1.synapticOperations } ?? 0 }

  deinit {
    activity?.deallocate()
    arena.deallocate()
    bytes.deallocate()
  }

  /// Forgets what earlier evaluations have kept for later ones.
  package func start() throws(DriftError) { try session.start(Request(seed: 0, classLabel: firstLabel)) }

  /// A label that every model takes.
  private var firstLabel: Int32 { session.file.model.class_count > 0 ? 0 : -1 }

  /// One picture, channels first.
  package func generate(seed: UInt64, sampleIndex: UInt32, classLabel: Int?, guidance: Float) throws(DriftError) -> [Float] {
    try result(session.pictureCount) { output throws(DriftError) in
      try session.generate(
        Request(seed: seed, sampleIndex: sampleIndex, classLabel: Int32(classLabel ?? -1), guidance: guidance), into: output)
    }
  }

  /// One evaluation of the denoiser, channels first.
  /// - Parameter branch: whose kept tensors it uses, from evaluations since ``start()``; nil: none.
  package func evaluate(
    _ x: UnsafeBufferPointer<Float>, step: Int, classLabel: Int?, branch: Branch? = nil
  ) throws(DriftError) -> [Float] {
    try result(session.sampleCount) { output throws(DriftError) in
      try session.evaluate(x, step: step, classLabel: Int32(classLabel ?? -1), branch: branch, into: output)
    }
  }

  private func result(
    _ values: Int, _ fill: (UnsafeMutableBufferPointer<Float>) throws(DriftError) -> Void
  ) throws(DriftError) -> [Float] {
    var failure: DriftError?
    let result = [Float](unsafeUninitializedCapacity: values) { buffer, count in
      do throws(DriftError) {
        try fill(UnsafeMutableBufferPointer(start: buffer.baseAddress, count: values))
      } catch {
        failure = error
      }
      count = failure == nil ? values : 0
    }
    if let failure { throw failure }
    return result
  }
}

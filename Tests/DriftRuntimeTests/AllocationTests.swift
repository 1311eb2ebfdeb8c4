import AllocationProbe
import CDriftFormat
import DriftFormat
import DriftRuntime
import Foundation
import Testing

struct AllocationTests {
  @Test func theProbeCountsHeapCalls() {
    allocation_probe_begin()
    let memory = UnsafeMutableRawPointer.allocate(byteCount: Int.random(in: 1000...2000), alignment: 64)
    memory.deallocate()
    let calls = allocation_probe_end()
    #expect(calls == 2)
    #expect(allocation_probe_end() == calls, "counting has stopped")
  }

  @Test func openingAndGeneratingMakeNoHeapCall() throws {
    var b = ProgramBuilder.denoiser(classes: 3, nullClass: 0)
    b.image.model.noise_tensor = Int32(b.persistent("noise"))
    b.image.steps[0].d = 0.5
    b.image.model.class_tensor = Int32(b.persistent("class"))
    (b.image.steps[1].null_source, b.image.steps[1].estimate) = (DRIFT_NULL_ESTIMATED.rawValue, (0.5, 0.25, 0.25))
    let (h, w, _) = b.shape(b.body)
    let x = b.quantize(b.body, DRIFT_TYPE_INT8)
    let qkv = (0..<3).map { _ in b.convolve(x, to: DRIFT_TYPE_INT8, channels: 6, size: (h, w), symmetric: true) }
    let attended = b.attend(qkv[0], qkv[1], qkv[2], heads: 2)
    let y = b.convolve(attended, to: DRIFT_TYPE_INT16, channels: 8, size: (h, w))
    let around = b.upsample(b.averagePool(b.add(y, b.body)))
    b.body = b.activate(b.concatenate(around, y), to: DRIFT_TYPE_INT16, activation: DRIFT_ACTIVATION_RELU)
    let model = try TestModel(b.finished())
    let output = UnsafeMutableBufferPointer<Float>.allocate(capacity: model.sampleCount)
    defer { output.deallocate() }
    var failure: DriftErrorCode?
    for kernels in TestModel.kernelSets {
      allocation_probe_begin()
      do throws(DriftError) {
        let file = try DriftFile(verifying: model.file.bytes)
        var session = try Session(file: file, arena: model.arena, threads: 1, kernels: kernels)
        try session.generate(Request(seed: 1, classLabel: 2, guidance: 2), into: output) { _, _ in true }
        try session.evaluate(UnsafeBufferPointer(output), step: 1, classLabel: 1, into: output)
      } catch {
        failure = error.code
      }
      let calls = allocation_probe_end()
      #expect(calls == 0, "\(kernels.kind)")
      #expect(failure == nil)
    }
  }

  @Test func whatThreadsShareFitsTheArenasPartForIt() {
    #expect(Session.teamFits)
  }

  @Test func nothingOutsideTheArenaIsWritten() throws {
    let model = try TestModel(ProgramBuilder.denoiser(size: 9).finished(), threads: 3)
    let margin = 4096
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: model.arena.count + 2 * margin, alignment: 64)
    defer { memory.deallocate() }
    for kernels in TestModel.kernelSets {
      for i in 0..<memory.count { memory[i] = UInt8(truncatingIfNeeded: i) }
      let arena = UnsafeMutableRawBufferPointer(rebasing: memory[margin..<margin + model.arena.count])
      var session = try Session(file: model.file, arena: arena, threads: 3, kernels: kernels)
      var output = [Float](repeating: 0, count: model.sampleCount)
      try output.withUnsafeMutableBufferPointer { try session.generate(Request(seed: 1), into: $0) }
      let outside = Array(0..<margin) + Array(margin + model.arena.count..<memory.count)
      #expect(outside.allSatisfy { memory[$0] == UInt8(truncatingIfNeeded: $0) }, "\(kernels.kind)")
    }
  }
}

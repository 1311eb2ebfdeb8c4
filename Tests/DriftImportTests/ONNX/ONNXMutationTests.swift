import DriftGraph
import DriftImport
import Foundation
import Testing

/// Throws mutated exports at the whole import: reading, folding, recognition, translation, and what time decides.
@Suite struct ONNXMutationTests {
  /// An export, and where its nodes, names and shapes lie between the weights.
  private struct Base {
    var bytes: [UInt8]
    var structure: [Int]

    init(_ file: String) throws {
      bytes = Array(try Data(contentsOf: URL(fileURLWithPath: Fixtures.onnx(file))))
      var isNear = [Bool](repeating: false, count: bytes.count)
      var letters = 0
      for (index, byte) in bytes.enumerated() {
        letters = (UInt8(ascii: "A")...UInt8(ascii: "z")).contains(byte) ? letters + 1 : 0
        if letters >= 4 { for near in max(index - 12, 0)..<min(index + 12, bytes.count) { isNear[near] = true } }
      }
      structure = bytes.indices.filter { isNear[$0] }
    }
  }

  /// Small numbers, tags, and beginnings of large numbers.
  private static let telling: [UInt8] = Array(0...18) + [0x20, 0x22, 0x2A, 0x32, 0x3A, 0x42, 0x4A, 0x52, 0x62, 0x7F, 0x80, 0xFF]

  private static func mutated(_ base: Base, _ other: Base, _ generator: inout SplitMix64) -> [UInt8] {
    var bytes = base.bytes
    for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
      var place = Int.random(in: 0..<bytes.count, using: &generator)
      if Int.random(in: 0..<4, using: &generator) > 0, let near = base.structure.randomElement(using: &generator) {
        place = min(near, bytes.count - 1)
      }
      let length = Int.random(in: 1...24, using: &generator)
      switch Int.random(in: 0..<10, using: &generator) {
      case 0, 1: bytes[place] = telling.randomElement(using: &generator) ?? 0
      case 2: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 3: bytes.insert(telling.randomElement(using: &generator) ?? 0, at: place)
      case 4: bytes.remove(at: place)
      case 5:
        // Part of another file.
        let first = other.structure.randomElement(using: &generator) ?? 0
        bytes.insert(contentsOf: other.bytes[first..<min(first + length, other.bytes.count)], at: place)
      case 6:
        // A part over another, so that all lengths stay.
        let from = base.structure.randomElement(using: &generator) ?? 0
        for step in 0..<length where place + step < bytes.count && from + step < base.bytes.count {
          bytes[place + step] = base.bytes[from + step]
        }
      case 7: for index in place..<min(place + 9, bytes.count) { bytes[index] = index == place + 8 ? 0x01 : 0xFF }
      case 8: bytes[place] = bytes[place] &+ (length < 12 ? 1 : 0xFF)
      default:
        if length == 1 { bytes.removeSubrange(place...) } else { bytes[place] = UInt8.random(in: 0...255, using: &generator) }
      }
    }
    return bytes
  }

  @Test func `mutated exports are converted or refused`() throws {
    let count = Mutations.count(standard: 1500)
    var generator = Mutations.generator
    let bases = try [
      "signal-script-13", "signal-export-18", "padded-script-20", "preconditioned-export-18", "gated-transformer-script-17",
      "gated-transformer-rms-norm-export-23", "shuffled-convolutions-script-17", "primitive-layer-norm-export-18",
      "modulated-transformer-export-23", "modulated-transformer-script-14", "prompted-script-17", "pixel-unet-external-data",
      "heads-unet-export-18", "pixel-unet-dynamic-script-18",
    ].map { try Base("\($0).onnx") }
    let folder = try TemporaryFolder()
    try folder.write("schedule.json", #"{"process": "beta", "num_train_timesteps": 1000, "num_classes": 16}"#)
    let (start, before) = (ContinuousClock.now, Mutations.peakMemory)
    var (converted, refused, slowest) = (0, Set<String>(), Duration.zero)
    for index in 0..<count {
      let other = bases[Int.random(in: 0..<bases.count, using: &generator)]
      try folder.write("model.onnx", Self.mutated(bases[index % bases.count], other, &generator))
      let begin = ContinuousClock.now
      do throws(ImportError) {
        let checkpoint = try Checkpoint.load(path: "\(folder.path)/model.onnx", shapes: [:])
        #expect(checkpoint.graph.sampleShape != nil)
        for function in checkpoint.graph.stepFunctions.values { _ = function.evaluate(7, 1) }
        converted += 1
      } catch {
        refused.insert(String(error.problem.filter { !$0.isNumber }.prefix(60)))
      }
      slowest = max(slowest, .now - begin)
    }
    print(
      "\(count) mutated exports in \(ContinuousClock.now - start): \(converted) converted, \(refused.count) different refusals, slowest "
        + "\(slowest), memory \(before) to \(Mutations.peakMemory) MiB")
    #expect(converted > count / 100 && converted < count)
    #expect(refused.count > 50)
    #expect(slowest < .seconds(10))
  }
}

import DriftGraph
import DriftImport
import Foundation
import Testing

/// Throws mutated archives at the reader, and reads the tensors of those that it accepts.
///
/// `SPINDRIFT_MUTATIONS` and `SPINDRIFT_MUTATION_SEED` in the environment change how many and which.
@Suite struct ArchiveMutationTests {
  /// Bytes that mean something to a pickle machine or as a length.
  private static let telling: [UInt8] =
    Array("(.0123FIJKLMNPQRSTUVXabcdeghijlopqrstu)}]GBC".utf8) + Array(0x80...0x98) + [0x00, 0xFF, 0x7F]

  private static func mutated(_ bytes: [UInt8], _ generator: inout SplitMix64) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
      let place = Int.random(in: 0..<bytes.count, using: &generator)
      let length = Int.random(in: 1...16, using: &generator)
      switch Int.random(in: 0..<8, using: &generator) {
      case 0, 1: bytes[place] = telling.randomElement(using: &generator) ?? 0
      case 2: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 3: bytes.insert(telling.randomElement(using: &generator) ?? 0, at: place)
      case 4: bytes.remove(at: place)
      case 5:
        bytes.insert(
          contentsOf: bytes[place..<min(place + length, bytes.count)], at: Int.random(in: 0...bytes.count, using: &generator))
      case 6: for index in place..<min(place + 8, bytes.count) { bytes[index] = index == place + 7 ? 0x7F : 0xFF }
      default:
        if length == 1 { bytes.removeSubrange(place...) } else { bytes[place] = UInt8.random(in: 0...255, using: &generator) }
      }
    }
    return bytes
  }

  @Test func `mutated archives are read or refused`() throws {
    let count = Mutations.count(standard: 2000)
    var generator = Mutations.generator
    var bases = try [
      "views", "views-sequence", "formats", "module-sequence", "training-sequence", "protocol-4-sequence", "hand-made.zip",
    ]
    .map { try PyTorchFixtures.bytes($0) }
    for name in ["training", "protocol-4"] { bases.append(try PyTorchFixtures.bytes(name)) }
    // Pickles by themselves, so that mutations meet the machine and not the zip table.
    let pickles = try ["hostile", "odd"].flatMap { try PyTorchFixtures.pickles($0).sorted { $0.key < $1.key }.map(\.value) }
    let folder = try TemporaryFolder()
    var (read, refused) = (0, Set<String>())
    for index in 0..<count {
      let bytes =
        index % 2 == 0
        ? Self.mutated(bases[index / 2 % bases.count], &generator)
        : ArchiveBytes(pickle: Self.mutated(pickles[index / 2 % pickles.count], &generator)).bytes
      try folder.write("file.pt", bytes)
      do throws(ImportError) {
        let dict = try PyTorchArchive("\(folder.path)/file.pt").stateDict()
        for name in dict.names { #expect(try dict.parameter(name).values.allSatisfy(\.isFinite)) }
        read += 1
      } catch {
        refused.insert(String(error.problem.filter { !$0.isNumber }.prefix(60)))
      }
    }
    print("\(count) mutated archives: \(read) read, \(refused.count) different refusals")
    #expect(read > count / 100 && read < count)
    #expect(refused.count > 50)
  }
}

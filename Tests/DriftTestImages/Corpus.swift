import DriftFormat

/// The hostile files as they are kept in the repository, for other implementations of the format.
///
/// The first small file of each rule is kept whole. The others are kept as lines of `patches.txt`, which say how they differ from
/// `minimal.bin`, `complete.bin`, `cached.bin`, `transformer.bin`, `neurons.bin` or `spiking.bin`:
///
///     NAME BASE CODE OFFSET POSITION:HEX POSITION:HEX ...
///
/// with the error that the verifier must report (code, byte offset) and the bytes to replace. `files.txt` gives name, code and offset of
/// the files that are kept whole. Code 0 stands for a valid file.
public struct Corpus {
  /// Contents by file name.
  public private(set) var files: [String: [UInt8]] = [:]
  /// Largest file that is kept whole.
  private static let wholeLimit = 4096

  /// Makes the corpus from all hostile files.
  public init() throws {
    let bases = [
      "minimal": try TestImages.minimal().encode(), "complete": try TestImages.complete().encode(),
      "cached": try TestImages.cached().encode(), "transformer": try TestImages.transformer().encode(),
      "neurons": try TestImages.neurons().encode(),
      "spiking": try TestImages.spiking().encode(),
    ]
    var whole = bases.keys.sorted().map { "\($0).bin 0 0\n" }
    for (name, bytes) in bases { files["\(name).bin"] = bytes }
    var patches: [String] = []
    var codes: Set<DriftErrorCode> = []
    for file in try HostileFiles.make() {
      if file.bytes.count <= Self.wholeLimit, codes.insert(file.code).inserted {
        files["\(file.name).bin"] = file.bytes
        whole.append("\(file.name).bin \(file.code.rawValue) \(file.offset)\n")
      } else if let (name, base) = bases.first(where: { $0.value.count == file.bytes.count }) {
        let difference = Self.difference(from: base, to: file.bytes)
        patches.append("\(file.name) \(name) \(file.code.rawValue) \(file.offset) \(difference)\n")
      }
    }
    files["files.txt"] = Array(whole.joined().utf8)
    files["patches.txt"] = Array(patches.joined().utf8)
  }

  /// Runs of bytes that differ, as `POSITION:HEX`.
  private static func difference(from base: [UInt8], to bytes: [UInt8]) -> String {
    var runs: [String] = []
    var index = 0
    while index < bytes.count {
      guard bytes[index] != base[index] else {
        index += 1
        continue
      }
      let start = index
      while index < bytes.count, bytes[index] != base[index] { index += 1 }
      runs.append("\(start):" + bytes[start..<index].map(hexadecimal).joined())
    }
    return runs.joined(separator: " ")
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return byte < 16 ? "0" + digits : digits
  }
}

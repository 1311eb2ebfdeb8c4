import DriftGraph
import DriftImport
import Testing

/// Broken weight files: each is refused by what is wrong with it.
@Suite struct SafetensorsTests {
  private static let file = "diffusion_pytorch_model.safetensors"

  /// Imports a good checkpoint after its weight file was replaced.
  private func importing(_ bytes: [UInt8]) throws -> Checkpoint {
    let folder = try TemporaryFolder(copyOf: Fixtures.unet("plain"))
    try folder.write(Self.file, bytes)
    return try Checkpoint.load(path: folder.path)
  }

  /// A file of the given header and data, with the header's true length.
  private func file(_ header: String, data: Int = 0) -> [UInt8] {
    let text = Array(header.utf8)
    return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text + [UInt8](repeating: 0, count: data)
  }

  private func whole() throws -> [UInt8] {
    try TemporaryFolder(copyOf: Fixtures.unet("plain")).read(Self.file)
  }

  @Test(arguments: [
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 8,
      "\"a\" occurs twice"
    ),
    (#"{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}"#, 8, "F64"),
    (#"{"a":{"dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8]}}"#, 8, "F8_E4M3"),
    (#"{"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}}"#, 8, "takes 12 bytes"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#, 8, "ascending"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[-8,0]}}"#, 8, "data_offsets"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#, 8, "data_offsets"),
    (#"{"a":{"dtype":"F32","shape":[2.0],"data_offsets":[0,8]}}"#, 8, "shape"),
    (#"{"a":{"dtype":"F32","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,8]}}"#, 8, "impossible shape"),
    (#"{"a":{"dtype":"F32","shape":[2147483648],"data_offsets":[0,8]}}"#, 8, "shape"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,18446744073709551616]}}"#, 8, "data_offsets"),
    (#"{"a":{"dtype":"F32","data_offsets":[0,8]}}"#, 8, "shape"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"extra":1}}"#, 8, "extra"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#, 12, "expected 0"),
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}}"#, 12,
      "'b' begins at byte 8"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8,
      "'b' begins at byte 4"
    ),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 7, "cut off"),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, 9, "too long"),
    (#"{"a":[1]}"#, 0, "'a' is described by"),
    (#"{"__metadata__":{"format":1}}"#, 0, "__metadata__"),
    (#"[1]"#, 0, "does not begin with '{'"),
    (#"{"a":NaN}"#, 0, "not valid JSON"),
    (#"{} x"#, 0, "after the end"),
    (#"{"a":"#, 0, "ends too early"),
    (String(repeating: #"{"a":"#, count: 100), 0, "levels deep"),
  ])
  func `a broken header is refused by what is wrong with it`(_ header: String, _ data: Int, _ names: String) throws {
    #expect { try importing(file(header, data: data)) } throws: { error in
      "\(error)".contains(Self.file) && "\(error)".contains(names)
    }
  }

  @Test func `an empty tensor may share its place with the next one`() throws {
    let header =
      #"{"z":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#
    // Neither belongs to the model, which is what the error has to be about.
    #expect { try importing(file(header, data: 8)) } throws: { !"\($0)".contains("begins at byte") }
  }

  @Test(arguments: [("I64", 8), ("I32", 4), ("I16", 2), ("I8", 1), ("U8", 1), ("BOOL", 1)])
  func `counters beside the weights do not make a file unreadable`(_ format: String, _ bytes: Int) throws {
    let header = #"{"norm.num_batches_tracked":{"dtype":"\#(format)","shape":[],"data_offsets":[0,\#(bytes)]}}"#
    #expect { try importing(file(header, data: bytes)) } throws: { error in
      "\(error)".contains("is missing") && !"\(error)".contains(format)
    }
  }

  @Test func `header lengths that cannot be are refused`() throws {
    #expect { try importing([1, 2, 3]) } throws: { "\($0)".contains("3 bytes") }
    #expect { try importing([UInt8](repeating: 0xFF, count: 16)) } throws: { "\($0)".contains("18446744073709551615") }
    #expect { try importing([200, 0, 0, 0, 0, 0, 0, 0] + Array("{}".utf8)) } throws: { "\($0)".contains("cut off") }
    #expect { try importing([0x01, 0xE1, 0xF5, 0x05, 0, 0, 0, 0] + Array("{}".utf8)) } throws: { "\($0)".contains("100000001") }
  }

  @Test func `a whole file is read, a truncated or overlong one is not`() throws {
    let bytes = try whole()
    _ = try importing(bytes)
    for length in [0, 7, 8, 9, 100, bytes.count / 2, bytes.count - 1] {
      #expect(throws: ImportError.self) { try importing(Array(bytes[0..<length])) }
    }
    #expect { try importing(bytes + [0]) } throws: { "\($0)".contains("too long") }
  }

  @Test(arguments: [(Float.nan, "nan"), (Float.infinity, "inf"), (-Float.infinity, "-inf")])
  func `a weight that is no number is refused with its tensor's name`(_ value: Float, _ written: String) throws {
    var bytes = try whole()
    // The last bytes belong to the tensor that lies last in the file.
    withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes.replaceSubrange(bytes.count - 4..<bytes.count, with: $0) }
    #expect { try importing(bytes) } throws: { error in
      "\(error)".contains("tensor 'up_blocks.1.resnets.2.time_emb_proj.weight' holds \(written)")
    }
  }

  @Test func `missing, extra and misshapen tensors are all named in one error`() throws {
    let bytes = try whole()
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.contains("conv_in.weight"))
    // Same lengths, so that the header's length stays true.
    var changed = bytes
    func rename(_ name: String, _ other: String) {
      let (from, to) = (Array("\"\(name)\"".utf8), Array("\"\(other)\"".utf8))
      guard let start = changed.indices.first(where: { changed[$0...].starts(with: from) }) else { return }
      changed.replaceSubrange(start..<start + from.count, with: to)
    }
    rename("conv_in.weight", "conv_in.weighs")
    let folder = try TemporaryFolder(copyOf: Fixtures.unet("plain"))
    try folder.write(Self.file, changed)
    try folder.set("time_embedding_dim", 16, in: "config.json")
    #expect { try Checkpoint.load(path: folder.path) } throws: { error in
      let message = "\(error)"
      return message.contains("'conv_in.weight' [4, 1, 3, 3] is missing")
        && message.contains("'time_embedding.linear_1.weight' has shape [8, 4], expected [16, 4]") && message.contains("more")
    }
    try folder.set("time_embedding_dim", 8, in: "config.json")
    #expect { try Checkpoint.load(path: folder.path) } throws: { error in
      "\(error)".contains("'conv_in.weight' [4, 1, 3, 3] is missing; 'conv_in.weighs' belongs to no layer")
    }
  }
}

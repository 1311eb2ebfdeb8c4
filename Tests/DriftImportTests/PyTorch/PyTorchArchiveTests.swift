import DriftGraph
import DriftImport
import Foundation
import Testing

/// Archives of torch.save in all its forms.
@Suite struct PyTorchArchiveTests {
  @Test func `every tensor has the shape and values that torch reads`() throws {
    let expected = try PyTorchFixtures.tensors()
    #expect(expected.count == 16)
    for (archive, tensors) in expected {
      let dict = try PyTorchArchive(PyTorchFixtures.path(archive)).stateDict()
      #expect(Set(dict.names) == Set(tensors.keys), "\(archive)")
      for (name, tensor) in tensors {
        let found = try dict.parameter(name)
        #expect(found.shape == tensor.shape && found.values == tensor.values, "\(archive): \(name)")
      }
    }
  }

  @Test func `names keep their order`() throws {
    let dict = try PyTorchArchive(PyTorchFixtures.path("module")).stateDict()
    #expect(
      dict.names == [
        "0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "1.num_batches_tracked", "2.weight",
        "2.bias",
      ])
  }

  @Test func `views of one storage share its key`() throws {
    let dict = try PyTorchArchive(PyTorchFixtures.path("views")).stateDict()
    let (whole, transposed) = (try #require(dict.entry(of: "whole")), try #require(dict.entry(of: "transposed")))
    #expect(whole.storage == transposed.storage)
    #expect(transposed.shape == [6, 4] && transposed.strides == [1, 6])
    #expect(dict.entry(of: "part")?.offset == 5)
    #expect(dict.entry(of: "repeated")?.strides == [0, 0])
    #expect(dict.entry(of: "whole")?.format == .float32)
  }

  @Test(arguments: ["training", "training-sequence", "protocol-2", "protocol-3", "protocol-4", "protocol-5", "protocol-4-sequence"])
  func `moving averages are preferred, and the trained weights can be had`(_ name: String) throws {
    let archive = try PyTorchArchive(PyTorchFixtures.path(name))
    let (averaged, trained) = (try archive.stateDict(), try archive.stateDict(preferring: .trained))
    #expect(averaged.isAveraged && averaged.chosen.contains("'ema_model'"))
    #expect(!trained.isAveraged && trained.chosen.contains("'net_model'"))
    let (one, other) = (try averaged.parameter("0.bias").values, try trained.parameter("0.bias").values)
    #expect(one == other.map { $0 + 1 })
  }

  @Test(arguments: ["training", "protocol-4", "training-sequence"])
  func `what lies beside the tensors is plain data`(_ name: String) throws {
    let archive = try PyTorchArchive(PyTorchFixtures.path(name))
    #expect(archive.value(of: archive.root, "epoch") == .integer(3))
    let options = try #require(archive.value(of: archive.root, "args"))
    #expect(archive.className(of: options) == "argparse.Namespace")
    let attributes = try #require(archive.attributes(of: options))
    #expect(archive.value(of: attributes, "rate") == .float(1e-3))
    #expect(archive.value(of: attributes, "name") == .string("digits"))
    let sizes = try #require(archive.value(of: attributes, "sizes"))
    #expect(archive.elements(of: sizes) == [.integer(1), .integer(2)])
    let extraList = try #require(archive.value(of: archive.root, "extra"))
    let extra = try #require(archive.elements(of: extraList))
    #expect(extra.count == 20)
    #expect(extra[5] == .bytes(3) && extra[14] == .string("text \u{E9} \u{1F600}"))
    #expect(Array(extra[15...]) == [.bool(true), .bool(false), .integer(-1), .integer(300), .integer(70000)])
    #expect(archive.elements(of: extra[9]) == [.integer(1), .integer(2)])
    #expect(archive.className(of: extra[10]) == "torch.device")
    #expect(extra[11] == .global(.format(.float16)))
    #expect(archive.className(of: extra[12]) == "numpy._core.multiarray.scalar")
  }

  @Test func `formats that cannot be read are refused only when asked for`() throws {
    let dict = try PyTorchArchive(PyTorchFixtures.path("unsupported")).stateDict()
    #expect(try dict.parameter("weight").values == [0, 1])
    for (name, format) in [("complex", "C64"), ("u16", "U16")] {
      #expect { try dict.parameter(name) } throws: { "\($0)".contains("'\(name)'") && "\($0)".contains(format) }
    }
  }

  @Test func `values that are not finite are refused by tensor and index`() throws {
    let dict = try PyTorchArchive(PyTorchFixtures.path("not-finite")).stateDict()
    #expect { try dict.parameter("weight") } throws: { "\($0)".contains("'weight' holds nan at index 1") }
    #expect { try dict.parameter("large") } throws: { "\($0)".contains("beyond float32") }
  }

  @Test func `prefixes of wrappers are taken off and said`() throws {
    let dict = try PyTorchArchive(PyTorchFixtures.path("wrapped")).stateDict()
    #expect(dict.chosen.contains("'model_state_dict'") && dict.chosen.contains("without 'module.'"))
    #expect(dict.names.first == "0.weight")
    let copies = try PyTorchArchive(PyTorchFixtures.path("ema-pytorch"))
    #expect(try copies.stateDict().chosen.contains("ema_model."))
    #expect(try copies.stateDict().names.count == 9)
  }

  @Test func `a dict that thousands of keys lead to is searched once`() throws {
    let count = 40_000
    let items = (0..<count).flatMap { ArchiveBytes.text("k\($0)") + Array("N".utf8) }
    let shared = Array("}q\u{0}(".utf8) + items + Array("u".utf8)
    let others = (1..<count).flatMap { ArchiveBytes.text("r\($0)") + Array("h\u{0}".utf8) }
    let archive = try PyTorchFixtures.open(
      ArchiveBytes(pickle: Array("}(".utf8) + ArchiveBytes.text("r0") + shared + others + Array("u.".utf8)).bytes)
    let time = ContinuousClock().measure {
      #expect { try archive.stateDict() } throws: { "\($0)".contains("has no dict of tensors") }
    }
    // Searching it for every key takes some twenty seconds.
    #expect(time < .seconds(5))
  }

  @Test func `a dict that is too deep behind one key is found behind another`() throws {
    let deepest = 8
    let way = (0..<deepest).flatMap { _ in Array("}(".utf8) + ArchiveBytes.text("inner") }
    let tensor = ArchiveBytes.text("weight") + ArchiveBytes.tensor(storage: "0", of: 4, shape: [2, 2])
    let shared = Array("}q\u{0}(".utf8) + ArchiveBytes.text("layers") + Array("}(".utf8) + tensor + Array("uu".utf8)
    var pickle = Array("}(".utf8) + ArchiveBytes.text("far") + way + shared + [UInt8](repeating: UInt8(ascii: "u"), count: deepest)
    pickle += ArchiveBytes.text("near") + Array("h\u{0}u.".utf8)
    let dict = try PyTorchFixtures.open(ArchiveBytes(pickle: pickle).bytes).stateDict()
    #expect(dict.chosen.contains("'near' / 'layers'"))
    #expect(try dict.parameter("weight").values == [1, 2, 3, 4])
  }

  @Test func `files of other kinds are told apart`() throws {
    let cases: [([UInt8], String)] = [
      ([], "is empty"), (Array("version https://git-lfs.github.com/spec/v1\n".utf8), "Git LFS"),
      (Array("hello".utf8), "no PyTorch archive"),
      ([UInt8](repeating: 0, count: 257) + Array("ustar".utf8) + [0, 0], "tar form"),
      ([0x80, 2] + Array("}.".utf8), "not one of torch.save"),
      (try PyTorchFixtures.bytes("script"), "TorchScript"),
    ]
    for (bytes, problem) in cases {
      #expect { try PyTorchFixtures.open(bytes) } throws: { "\($0)".contains(problem) && "\($0)".contains("file.pt") }
    }
  }

  @Test(arguments: ["module", "module-sequence", "views", "views-sequence", "training"])
  func `a file cut off anywhere is refused`(_ name: String) throws {
    let bytes = try PyTorchFixtures.bytes(name)
    _ = try PyTorchFixtures.readAll(bytes)
    for length in stride(from: 0, to: bytes.count, by: 7) {
      #expect(throws: ImportError.self, "\(length)") { try PyTorchFixtures.readAll(Array(bytes[..<length])) }
    }
    #expect(throws: ImportError.self) { try PyTorchFixtures.open(bytes + [0]) }
  }
}

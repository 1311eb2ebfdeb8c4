extension PyTorchArchive {
  /// The zip form: `NAME/data.pkl` beside `NAME/data/KEY` for each storage.
  static func readZip(
    _ bytes: UnsafeRawBufferPointer, _ path: String
  ) throws(ImportError) -> (root: PickleValue, heap: PickleHeap) {
    let directory = try ZipDirectory(bytes, path)
    let entries = directory.entries
    let pickles = entries.keys.filter { $0.hasSuffix("/data.pkl") && $0.split(separator: "/").count == 2 }
    guard let pickle = pickles.first, pickles.count == 1, let range = entries[pickle] else {
      throw ImportError(
        path,
        pickles.isEmpty
          ? "is a zip file, but not one of torch.save: it has no NAME/data.pkl"
          : "has several pickles (\(pickles.sorted().prefix(4).joined(separator: ", "))), expected one NAME/data.pkl")
    }
    let folder = String(pickle.dropLast("data.pkl".count))
    let script = entries.keys.filter { $0 == folder + "constants.pkl" || $0.hasPrefix(folder + "code/") }.min()
    if let script {
      throw ImportError(
        path,
        "is a TorchScript archive (it has \(script)), a program rather than weights; save the model's state_dict(), or export to ONNX"
      )
    }
    if let entry = directory.compressed.first {
      throw ImportError(
        path, "its entry '\(entry)' is compressed, which torch.save never does: load it in PyTorch and save it again")
    }
    if let order = entries[folder + "byteorder"], !bytes[order].elementsEqual("little".utf8) {
      let found = String(decoding: bytes[order].prefix(20), as: UTF8.self)
      throw ImportError(
        path, "was written in the byte order '\(found.escaped)', expected 'little'; load it in PyTorch and save it again")
    }
    var machine = PickleMachine(
      UnsafeRawBufferPointer(rebasing: bytes[range]), path, part: pickle, mostValues: mostValues(bytes),
      storageRange: { entries["\(folder)data/\($0)"] })
    let root = try machine.run()
    guard machine.position == range.count else {
      throw ImportError(path, "\(pickle): \(range.count - machine.position) bytes follow the end of the pickle")
    }
    return (root, machine.heap)
  }
}

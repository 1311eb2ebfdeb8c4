import DriftGraph

/// Tensors in several files, listed by an index: `*.safetensors.index.json` or `*.bin.index.json`.
struct ShardedTensors: TensorSource {
  let path: String
  let names: [String]
  /// Files by name, and the file of each tensor.
  private let shards: [String: any TensorSource]
  private let places: [String: String]

  /// Opens the index and all files that it names, which must hold exactly the tensors that it lists.
  init(_ path: String) throws(ImportError) {
    self.path = path
    guard case .object(let map)? = try JSONParser.object(ofFile: path)["weight_map"] else {
      throw ImportError(path, "has no 'weight_map' that says which file holds which tensor")
    }
    let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    var (shards, places) = ([String: any TensorSource](), [String: String]())
    for (name, value) in map.members {
      guard case .string(let file) = value, !file.isEmpty, file != "..", !file.utf8.contains(where: { $0 == 0x2F || $0 == 0 })
      else {
        throw ImportError(
          path, "tensor '\(name)' should lie in \(value.description), expected the name of a file in the same folder")
      }
      if shards[file] == nil {
        guard !file.hasSuffix(".index.json") else { throw ImportError(path, "names the index '\(file)' as a file of tensors") }
        shards[file] = try ArchiveFile.open(folder.isEmpty && !path.hasPrefix("/") ? file : "\(folder)/\(file)")
      }
      guard shards[file]?.shape(of: name) != nil else {
        throw ImportError(path, "tensor '\(name)' should lie in '\(file)', which lacks it")
      }
      places[name] = file
    }
    for (file, shard) in shards.sorted(by: { $0.key < $1.key }) {
      if let extra = shard.names.first(where: { places[$0] != file }) {
        throw ImportError(path, "'\(file)' holds the tensor '\(extra)', which the index does not place there")
      }
    }
    names = map.members.map(\.key)
    self.shards = shards
    self.places = places
  }

  func shape(of name: String) -> [Int]? { places[name].flatMap { shards[$0]?.shape(of: name) } }

  func parameter(_ name: String) throws(ImportError) -> Parameter {
    guard let shard = places[name].flatMap({ shards[$0] }) else { throw ImportError(path, "has no tensor '\(name)'") }
    return try shard.parameter(name)
  }
}

import Foundation

/// Files of external data that a model's tensors lie in, each mapped once.
struct ExternalData {
  private let path: String
  private let folder: URL
  private var files: [String: Data] = [:]

  /// - Parameter path: of the model, which errors name and in whose folder external data must lie.
  init(model path: String) {
    self.path = path
    folder = URL(fileURLWithPath: path).deletingLastPathComponent().resolvingSymlinksInPath()
  }

  /// Bytes of all files so far.
  var fileBytes: Int { files.values.reduce(0) { $0 + $1.count } }

  /// Where a tensor's values lie.
  /// - Parameter count: bytes that its shape takes.
  mutating func bytes(of tensor: DriftOnnx_Tensor, count: Int) throws(ONNXError) -> Data {
    var (location, offset, length) = ("", 0, count)
    for entry in tensor.externalData {
      switch entry.key {
      case "location": location = entry.value
      case "offset": offset = Int(entry.value) ?? -1
      case "length": length = Int(entry.value) ?? -1
      default: break
      }
    }
    let file = try file(location, tensor.name)
    guard length == count, offset >= 0, offset <= file.count, length <= file.count - offset else {
      throw ONNXError(
        path,
        "tensor '\(tensor.name)' takes \(count) bytes, but '\(location)' of \(file.count) bytes should hold \(length) from \(offset) on"
      )
    }
    return file[file.startIndex + offset..<file.startIndex + offset + length]
  }

  private mutating func file(_ location: String, _ tensor: String) throws(ONNXError) -> Data {
    if let known = files[location] { return known }
    guard !location.isEmpty, !location.hasPrefix("/"), !location.split(separator: "/").contains("..") else {
      throw ONNXError(path, "tensor '\(tensor)' lies in '\(location)': external data must lie in the model's folder")
    }
    let resolved = folder.appendingPathComponent(location).resolvingSymlinksInPath().path
    guard resolved.hasPrefix(folder.path + "/") || folder.path == "/" else {
      throw ONNXError(path, "tensor '\(tensor)' lies in '\(location)', a link out of the model's folder")
    }
    let attributes = try? FileManager.default.attributesOfItem(atPath: resolved)
    guard let attributes else {
      throw ONNXError(path, "tensor '\(tensor)' lies in '\(location)', which is missing: put it beside the model")
    }
    guard attributes[.type] as? FileAttributeType == .typeRegular else {
      throw ONNXError(path, "tensor '\(tensor)' lies in '\(location)', which is no file")
    }
    do {
      let data = try MappedFile.read(resolved)
      files[location] = data
      return data
    } catch {
      throw ONNXError(path, "tensor '\(tensor)' lies in '\(location)', which cannot be read: \(error.localizedDescription)")
    }
  }
}

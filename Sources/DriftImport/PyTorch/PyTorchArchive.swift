import DriftGraph
import Foundation

/// A file that `torch.save` wrote: a `.pt`, `.pth`, `.bin` or `.ckpt`, in the zip form (PyTorch 1.6 and later) or the older form.
///
/// Opening it reads the structure and checks it; nothing in it is run. The tensors' values stay in the mapped file until asked for.
public struct PyTorchArchive: Sendable {
  /// The file.
  public let path: String
  /// The saved object.
  public let root: PickleValue
  let heap: PickleHeap
  private let data: Data

  /// A tensor with more values than this, and than the file has bytes, can only be an attempt to fill memory by strides of 0.
  private static let fewValues = 1 << 16

  /// Opens and checks a file.
  /// - Throws: an error that names what is wrong and where; a pickle that tries to run code is refused by the name of what it calls.
  public init(_ path: String) throws(ImportError) {
    self.path = path
    let data = try FileBytes.map(path)
    self.data = data
    let result = data.withUnsafeBytes { bytes in
      Result { () throws(ImportError) in
        try Self.isZip(bytes) ? Self.readZip(bytes, path) : Self.readSequence(bytes, path)
      }
    }
    (root, heap) = try result.get()
  }

  private static func isZip(_ bytes: UnsafeRawBufferPointer) -> Bool { bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) }

  static func mostValues(_ bytes: UnsafeRawBufferPointer) -> Int { max(bytes.count, fewValues) }

  // MARK: - Contents

  /// Elements of a list, tuple or set of this archive; nil for anything else.
  public func elements(of value: PickleValue) -> [PickleValue]? { heap.elements(of: value) }

  /// Items of a dict of this archive in their order; nil for anything else.
  public func items(of value: PickleValue) -> [(key: PickleValue, value: PickleValue)]? { heap.items(of: value) }

  /// The value of a text key of a dict of this archive.
  public func value(of dictionary: PickleValue, _ key: String) -> PickleValue? {
    guard case .dictionary(let index) = dictionary, heap.dictionaries.indices.contains(index) else { return nil }
    let found = heap.dictionaries[index]
    return found.index[key].map { found.items[$0].value }
  }

  /// Class of an object that was not rebuilt; nil for anything else.
  public func className(of value: PickleValue) -> String? {
    guard case .opaque(let index) = value, heap.opaques.indices.contains(index) else { return nil }
    return heap.opaques[index].className
  }

  /// Attributes of an object that was not rebuilt, most often a dict: those of an `argparse.Namespace` are the options of the training.
  public func attributes(of value: PickleValue) -> PickleValue? {
    guard case .opaque(let index) = value, heap.opaques.indices.contains(index) else { return nil }
    return heap.opaques[index].state
  }

  /// Where and how a tensor is stored; nil for anything else.
  public func tensor(_ value: PickleValue) -> TensorEntry? {
    guard case .tensor(let index) = value, heap.tensors.indices.contains(index) else { return nil }
    let (values, storage) = (heap.tensors[index].values, heap.storages[heap.tensors[index].storage])
    return TensorEntry(
      format: values.format, shape: values.shape, strides: values.strides, storage: storage.key, offset: values.offset, index: index
    )
  }

  /// Values of a tensor as float32, row-major whatever its strides are.
  /// - Throws: for formats that cannot be read, and for values that are not finite in float32.
  public func parameter(_ entry: TensorEntry, _ name: String) throws(ImportError) -> Parameter {
    guard heap.tensors.indices.contains(entry.index), let range = heap.storages[heap.tensors[entry.index].storage].range else {
      throw ImportError(path, "has no tensor '\(name)'")
    }
    let stored = heap.tensors[entry.index].values
    guard stored.format.isReadable else {
      throw ImportError(
        path, "tensor '\(name)' has the number format \(stored.format.rawValue), which cannot be read; save it as float32")
    }
    let values = data.withUnsafeBytes { stored.gather(from: UnsafeRawBufferPointer(rebasing: $0[range])) }
    if let bad = values.firstIndex(where: { !$0.isFinite }) {
      let reason =
        stored.format == .float64 ? "beyond float32, or the training run broke" : "the training run broke or the file is damaged"
      throw ImportError(path, "tensor '\(name)' holds \(values[bad]) at index \(bad): \(reason)")
    }
    return Parameter(shape: stored.shape, values: values)
  }
}

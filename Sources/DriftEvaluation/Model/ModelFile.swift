import CDriftPlatform
import DriftFormat
import DriftRuntime

/// A `.drift` file, mapped and verified; unmapped with the last reference.
public final class ModelFile: @unchecked Sendable {
  /// Where it was opened.
  public let path: String
  /// The records, all checked.
  public let file: DriftFile
  private let mapping: drift_mapping

  /// Maps a file read-only and verifies it.
  /// - Throws: `ModelFileError` with the system's reason, or with the rule that the file breaks.
  public init(path: String) throws(ModelFileError) {
    var mapping = drift_mapping()
    let failure = drift_map_file(path, &mapping)
    guard failure == 0 else { throw ModelFileError(path, "cannot be opened: \(String(cString: drift_error_text(failure)))") }
    guard mapping.length > 0 else { throw ModelFileError(path, "is empty; convert the checkpoint again") }
    do {
      file = try DriftFile(verifying: UnsafeRawBufferPointer(start: mapping.base, count: Int(mapping.length)))
    } catch {
      drift_unmap_file(&mapping)
      throw ModelFileError(path, error)
    }
    self.path = path
    self.mapping = mapping
  }

  deinit {
    withUnsafePointer(to: mapping) { drift_unmap_file($0) }
  }

  /// Text at an offset of the file's strings.
  public func text(at offset: UInt32) -> String { String(decoding: file.string(at: offset), as: UTF8.self) }

  /// Whether it is a spiking program.
  public var isSpiking: Bool { file.isSpiking }

  /// Keys and values of the metadata section, in file order.
  public var metadata: [(key: String, value: String)] {
    file.metadata.map { (text(at: $0.key), text(at: $0.value)) }
  }

  /// The value of a metadata key.
  public func metadata(_ key: String) -> String? { metadata.first { $0.key == key }?.value }

  /// Evaluations of the denoiser that one picture takes at a weight of guidance.
  public func evaluations(guidance: Float) -> Int { file.steps.reduce(0) { $0 + GuidanceRow($1).evaluations(guidance) } }

  /// Values of one sample.
  public var sampleCount: Int {
    Int(file.model.sample_channels) * Int(file.model.sample_height) * Int(file.model.sample_width)
  }

  /// Labels that mean a class, that is without the null class; empty for an unconditional model.
  public var classLabels: [Int] {
    (0..<Int(file.model.class_count)).filter { $0 != Int(file.model.null_class) }
  }
}

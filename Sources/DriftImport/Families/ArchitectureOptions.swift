import DriftGraph

/// What is said about a network that its tensors cannot tell.
public struct ArchitectureOptions: Sendable {
  /// A family's name; nil: the one that the keys fit.
  public var name: String?
  /// [channels, height, width] of the sample, or its [height, width].
  public var sampleShape: [Int]?
  /// Further settings by name.
  public private(set) var settings: [String: String]
  /// How the settings were given, for errors: `--architecture-option heads=8`, or `--spike-steps 4`.
  private(set) var spellings: [String: String]
  /// Those that have an option of their own.
  public let named: [NamedSetting]

  /// A setting that has an option of its own.
  public struct NamedSetting: Sendable {
    /// The option, such as `--spike-steps`.
    public var option: String
    /// The setting's name.
    public var key: String
    /// What was given.
    public var value: String

    /// A setting that was given by an option of its own.
    public init(option: String, key: String, value: String) { (self.option, self.key, self.value) = (option, key, value) }
  }

  /// Names of the families.
  public static var names: [String] { Family.allCases.map(\.rawValue) }

  /// Settings that exist, and what they say.
  static let known: [String: String] = [
    "heads": "heads of every attention", "head_channels": "channels of a head",
    "attention_order": "legacy (queries, keys and values of one head after another) or new (all queries first)",
    "context_tokens": "tokens of the context", "scale_factor": "what latents were multiplied by before training",
    "steps": "spiking steps of an evaluation", "threshold": "of the spiking neurons",
    "threshold_factor": "of the thresholds of all spiking neurons", "bits": "of quantized activations",
  ]

  /// Whether nothing is said.
  public var isEmpty: Bool { name == nil && sampleShape == nil && settings.isEmpty }

  /// - Parameters:
  ///   - name: a family's name; nil or `auto`: the one that the keys fit.
  ///   - sampleShape: [channels, height, width] of the sample, or its [height, width].
  ///   - settings: texts such as `heads=8`.
  ///   - named: settings that were given by an option of their own.
  /// - Throws: an error that lists the families or settings that exist.
  public init(
    name: String? = nil, sampleShape: [Int]? = nil, settings: [String] = [],
    named: [NamedSetting] = []
  ) throws(ImportError) {
    self.named = named
    if let name, name != "auto" {
      guard Family(name: name) != nil else {
        throw ImportError(
          "--architecture \(name)",
          "is not a known family; there are auto, \(Self.names.joined(separator: ", "))")
      }
      self.name = name
    }
    if let sampleShape {
      guard (2...3).contains(sampleShape.count), sampleShape.allSatisfy({ (1...16_384).contains($0) }) else {
        throw ImportError("--shape", "is \(sampleShape), expected channels, height and width such as 3x32x32")
      }
    }
    self.sampleShape = sampleShape
    self.settings = [:]
    spellings = [:]
    for text in settings {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, Self.known[parts[0]] != nil else {
        let all = Self.known.sorted { $0.key < $1.key }.map { "\($0.key) (\($0.value))" }.joined(separator: ", ")
        throw ImportError("--architecture-option \(text)", "is not one of KEY=VALUE with the keys \(all)")
      }
      try add(parts[0], parts[1], spelling: "--architecture-option \(text)")
    }
    for setting in named { try add(setting.key, setting.value, spelling: "\(setting.option) \(setting.value)") }
  }

  private mutating func add(_ key: String, _ value: String, spelling: String) throws(ImportError) {
    if let other = spellings[key] { throw ImportError(spelling, "says what \(other) says too; give one of them") }
    (settings[key], spellings[key]) = (value, spelling)
  }
}

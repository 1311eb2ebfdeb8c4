import ArgumentParser
import DriftImport

/// What a single file of tensors does not say about its network.
struct ArchitectureCommandOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Family of the network in a single file of tensors: auto, or \(ArchitectureOptions.names.joined(separator: ", ")).",
      valueName: "auto|name"))
  var architecture: String?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "What the tensors cannot tell, such as heads=8 or head_channels=64; may be repeated.", valueName: "key=value"))
  var architectureOption: [String] = []

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "Shape of the sample of a file of tensors, such as 3x32x32, or of an input of an ONNX model, such as x=1x3x32x32; may be repeated.",
      valueName: "[name=]shape"))
  var shape: [String] = []

  /// The first option that was given, as written.
  var firstGiven: String? {
    if architecture != nil { return "--architecture" }
    if !architectureOption.isEmpty { return "--architecture-option" }
    return shape.isEmpty ? nil : "--shape"
  }

  /// What was given for files of tensors, checked.
  /// - Parameter named: settings that have options of their own.
  func options(adding named: [ArchitectureOptions.NamedSetting] = []) throws -> ArchitectureOptions {
    let unnamed = shape.filter { !$0.contains("=") }
    guard unnamed.count <= 1 else {
      throw CommandError("--shape \(unnamed[1]): the sample has one shape, and \(unnamed[0]) was given")
    }
    return try ArchitectureOptions(
      name: architecture, sampleShape: unnamed.first.map { try Self.sizes($0, option: $0) },
      settings: architectureOption, named: named)
  }

  /// Shapes of inputs by name, for ONNX models.
  func shapes() throws -> [String: [Int]] {
    var result: [String: [Int]] = [:]
    for text in shape {
      guard let sign = text.lastIndex(of: "=") else { continue }
      result[String(text[..<sign])] = try Self.sizes(text[text.index(after: sign)...], option: text)
    }
    return result
  }

  private static func sizes(_ text: some StringProtocol, option: String) throws -> [Int] {
    let parts = text.split(separator: "x", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Int($0) }.filter { (1...65_536).contains($0) }
    guard numbers.count == parts.count else {
      throw CommandError("--shape \(option): expected lengths with x between them, such as 3x32x32 or x=1x3x32x32")
    }
    return numbers
  }
}

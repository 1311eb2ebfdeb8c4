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

  @Option(help: ArgumentHelp("Shape of the sample of a single file of tensors, such as 3x32x32.", valueName: "cxhxw"))
  var shape: String?

  /// The first option that was given, as written.
  var firstGiven: String? {
    if architecture != nil { return "--architecture" }
    if !architectureOption.isEmpty { return "--architecture-option" }
    return shape != nil ? "--shape" : nil
  }

  /// What was given, checked.
  func options() throws -> ArchitectureOptions {
    var sizes: [Int]?
    if let shape {
      let parts = shape.split(separator: "x", omittingEmptySubsequences: false)
      let numbers = parts.compactMap { Int($0) }
      guard numbers.count == parts.count else {
        throw CommandError("--shape \(shape): expected channels, height and width such as 3x32x32")
      }
      sizes = numbers
    }
    return try ArchitectureOptions(name: architecture, sampleShape: sizes, settings: architectureOption)
  }
}

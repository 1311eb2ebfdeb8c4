import Foundation

/// The one JSON object that `--json` prints.
enum JSONOutput {
  /// Prints a value with sorted snake-case keys as one line on standard output. Infinite ratios (two sides are equal) are the string "Infinity".
  static func print(_ value: some Encodable) throws {
    try StandardOutput.print(String(decoding: encode(value), as: UTF8.self))
  }

  /// The text that `print` prints, without the line's end.
  static func encode(_ value: some Encodable) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    return try encoder.encode(value)
  }
}

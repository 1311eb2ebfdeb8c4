import DriftFormat

/// The arguments of the program, one after the other.
package struct Arguments {
  /// Zero-terminated.
  package typealias Text = UnsafePointer<CChar>

  private static let dash = CChar(45)
  private static let equals = CChar(61)

  private let count: Int
  private let vector: UnsafePointer<UnsafeMutablePointer<CChar>?>
  private var index = 1
  private var optionsEnded = false

  /// What `main` gets; nil if that is not even the name of the program.
  package init?(count: Int32, vector: UnsafePointer<UnsafeMutablePointer<CChar>?>?) {
    guard let vector, count >= 1, vector[0] != nil else { return nil }
    self.count = Int(count)
    self.vector = vector
  }

  /// The name that the program was called by.
  package var program: Text { Text(vector[0].unsafelyUnwrapped) }

  /// The next argument; "--" is taken for what it means, the end of the options.
  package mutating func next() -> Text? {
    while index < count, let argument = vector[index] {
      index += 1
      if optionsEnded || !(argument[0] == Self.dash && argument[1] == Self.dash && argument[2] == 0) { return Text(argument) }
      optionsEnded = true
    }
    return nil
  }

  /// Whether an argument that ``next()`` gave names an option.
  package func isOption(_ argument: Text) -> Bool {
    !optionsEnded && argument[0] == Self.dash && argument[1] != 0
  }

  /// Whether an option has this name, alone or as in `--name=value`.
  package func name(_ option: Text, is name: StaticString) -> Bool {
    let length = name.utf8CodeUnitCount
    for position in 0..<length where UInt8(bitPattern: option[position]) != name.utf8Start[position] { return false }
    return option[length] == 0 || (option[length] == Self.equals && option[1] == Self.dash)
  }

  /// The value of an option: what follows "=" in it, or else the next argument, unless that looks like an option; nil without one.
  package mutating func value(of option: Text) -> Text? {
    var position = 0
    while option[position] != 0 {
      if option[position] == Self.equals { return option + (position + 1) }
      position += 1
    }
    guard index < count, let argument = vector[index], !Self.looksLikeOption(argument) else { return nil }
    index += 1
    return Text(argument)
  }

  /// A dash and then no digit: "-1" is a value, though never a right one.
  private static func looksLikeOption(_ argument: UnsafeMutablePointer<CChar>) -> Bool {
    guard argument[0] == dash, argument[1] != 0 else { return false }
    return !(48...57).contains(argument[1]) && argument[1] != 46
  }
}

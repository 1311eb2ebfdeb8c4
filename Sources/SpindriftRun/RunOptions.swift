import CDriftPlatform
import DriftFormat
import DriftTool

/// The command line, understood.
struct RunOptions {
  /// A zero-terminated argument.
  typealias Text = UnsafePointer<CChar>

  /// No more pictures than this go into one grid.
  static let largestCount = 4096

  var model: Text
  var output: Text?
  var raw: Text?
  var noise: Text?
  var seed: UInt64 = 0
  var count: Int?
  /// -1: none.
  var classLabel: Int32 = -1
  var guidance: Float = 1
  var guidanceText: Text?
  var threads = 1
  var kernel: Text?
  var spiking = SpikingArguments()

  /// Nil if help was asked for.
  /// - Throws: `usage`, after saying which argument is at fault.
  init?(_ arguments: Arguments) throws(ExitStatus) {
    var arguments = arguments
    var found: Text?
    var options = RunOptions(model: arguments.program)
    while let argument = arguments.next() {
      if !arguments.isOption(argument) {
        guard found == nil else { throw RunOptions.misuse(argument, "is one argument too many: a single model is expected") }
        found = argument
      } else if arguments.name(argument, is: "--help") || arguments.name(argument, is: "-h") {
        return nil
      } else {
        try options.take(argument, &arguments)
      }
    }
    guard let found else { throw RunOptions.misuse("no model given; name a .drift file") }
    guard options.output != nil || options.raw != nil else {
      throw RunOptions.misuse("nothing to write: give -o OUT.png, --raw OUT.npy or both")
    }
    options.model = found
    try options.spiking.check()
    self = options
  }

  private init(model: Text) {
    self.model = model
  }

  private mutating func take(_ option: Text, _ arguments: inout Arguments) throws(ExitStatus) {
    if arguments.name(option, is: "-o") || arguments.name(option, is: "--output") {
      output = try RunOptions.value(of: option, &arguments)
    } else if arguments.name(option, is: "--raw") {
      raw = try RunOptions.value(of: option, &arguments)
    } else if arguments.name(option, is: "--noise") {
      noise = try RunOptions.value(of: option, &arguments)
    } else if arguments.name(option, is: "--seed") {
      let text = try RunOptions.value(of: option, &arguments)
      guard let number = NumberText.unsigned(text) else {
        throw RunOptions.misuse("--seed", text, "is not a number from 0 to 18446744073709551615")
      }
      seed = number
    } else if arguments.name(option, is: "--count") {
      let text = try RunOptions.value(of: option, &arguments)
      guard let number = NumberText.unsigned(text, upTo: RunOptions.largestCount), number >= 1 else {
        throw RunOptions.misuse("--count", text, "is not a number from 1 to 4096")
      }
      count = number
    } else if arguments.name(option, is: "--class") {
      let text = try RunOptions.value(of: option, &arguments)
      guard let number = NumberText.unsigned(text, upTo: Int(Int32.max)) else {
        throw RunOptions.misuse("--class", text, "is not a class: classes are numbered from 0")
      }
      classLabel = Int32(truncatingIfNeeded: number)
    } else if arguments.name(option, is: "--kernel") {
      kernel = try RunOptions.value(of: option, &arguments)
    } else if arguments.name(option, is: "--threads") {
      let text = try RunOptions.value(of: option, &arguments)
      guard let number = NumberText.unsigned(text, upTo: Int(Int16.max)), number >= 1 else {
        throw RunOptions.misuse("--threads", text, "is not a number of threads")
      }
      threads = number
    } else if arguments.name(option, is: "--guidance") {
      let text = try RunOptions.value(of: option, &arguments)
      guard drift_parse_float(text, &guidance) != 0 else { throw RunOptions.misuse("--guidance", text, "is not a number") }
      guard FormatLimits.guidance.contains(guidance) else {
        throw RunOptions.misuse("--guidance", text, "is not between 0 and 1024")
      }
      guidanceText = text
    } else if try !spiking.take(option, &arguments) {
      throw RunOptions.misuse(option, "is not an option; --help lists them")
    }
  }

  static func value(of option: Text, _ arguments: inout Arguments) throws(ExitStatus) -> Text {
    guard let value = arguments.value(of: option) else { throw misuse(option, "needs a value") }
    return value
  }

  static func misuse(_ message: StaticString) -> ExitStatus {
    StandardError.begin()
    StandardError.write(message)
    StandardError.write("\n")
    return .usage
  }

  static func misuse(_ argument: Text, _ message: StaticString) -> ExitStatus {
    StandardError.begin()
    StandardError.write(argument: argument)
    StandardError.write(" ")
    return end(message)
  }

  static func misuse(_ option: StaticString, _ text: Text, _ message: StaticString) -> ExitStatus {
    StandardError.begin()
    StandardError.write(option)
    StandardError.write(" ")
    StandardError.write(argument: text)
    StandardError.write(": ")
    return end(message)
  }

  private static func end(_ message: StaticString) -> ExitStatus {
    StandardError.write(message)
    StandardError.write("\n")
    return .usage
  }
}

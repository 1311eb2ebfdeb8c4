import DriftFormat
import DriftTool

/// The command line, understood.
struct DaemonOptions {
  /// A zero-terminated argument.
  typealias Text = UnsafePointer<CChar>

  /// No frame may take longer than this to arrive.
  static let largestTimeout = 3600

  private(set) var model: Text
  private(set) var socket: Text
  private(set) var threads = 1
  /// Seconds.
  private(set) var timeout = 10

  /// Nil if help was asked for.
  /// - Throws: `usage`, after saying which argument is at fault.
  init?(_ arguments: Arguments) throws(ExitStatus) {
    var arguments = arguments
    var model: Text?
    var socket: Text?
    while let argument = arguments.next() {
      if arguments.name(argument, is: "--help") || arguments.name(argument, is: "-h") { return nil }
      if arguments.name(argument, is: "--model") {
        model = try DaemonOptions.value(of: argument, &arguments)
      } else if arguments.name(argument, is: "--socket") {
        socket = try DaemonOptions.value(of: argument, &arguments)
      } else if arguments.name(argument, is: "--threads") {
        threads = try DaemonOptions.number(of: argument, upTo: Int(Int16.max), &arguments)
      } else if arguments.name(argument, is: "--timeout") {
        timeout = try DaemonOptions.number(of: argument, upTo: Self.largestTimeout, &arguments)
      } else {
        throw DaemonOptions.misuse(argument, "is not an option; --help lists them")
      }
    }
    guard let model, let socket else {
      StandardError.write("spindriftd: --model and --socket are both needed; --help explains them\n")
      throw .usage
    }
    self.model = model
    self.socket = socket
  }

  private static func value(of option: Text, _ arguments: inout Arguments) throws(ExitStatus) -> Text {
    guard let value = arguments.value(of: option) else { throw misuse(option, "needs a value") }
    return value
  }

  private static func number(of option: Text, upTo limit: Int, _ arguments: inout Arguments) throws(ExitStatus) -> Int {
    let text = try value(of: option, &arguments)
    guard let number = NumberText.unsigned(text, upTo: limit), number >= 1 else {
      throw misuse(option, "needs a number from 1 to ", limit)
    }
    return number
  }

  private static func misuse(_ argument: Text, _ message: StaticString, _ bound: Int? = nil) -> ExitStatus {
    StandardError.write("spindriftd: ")
    StandardError.write(argument: argument)
    StandardError.write(" ")
    StandardError.write(message)
    if let bound { StandardError.write(bound) }
    StandardError.write("\n")
    return .usage
  }
}

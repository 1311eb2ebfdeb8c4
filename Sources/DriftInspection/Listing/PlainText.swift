/// Text of an untrusted file made safe to print or draw.
public enum PlainText {
  /// Control characters, separators of lines, marks that turn the direction of writing, and what is no character become `\u{...}`, so that a
  /// name can neither move a terminal's cursor nor look like another line.
  public static func printable(_ text: some StringProtocol) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse:
        result += "\\u{\(String(scalar.value, radix: 16))}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Printable text of at most so many characters; of longer text the end, which tells modules apart, behind three dots.
  public static func shortened(_ text: String, to count: Int) -> String {
    // Only the end of a long text is looked at: names may be as long as their file.
    let end = text.unicodeScalars.suffix(count)
    let isWhole = end.startIndex == text.unicodeScalars.startIndex
    let printable = printable(String(String.UnicodeScalarView(end)))
    guard !isWhole || printable.unicodeScalars.count > count else { return printable }
    return "..." + String(String.UnicodeScalarView(printable.unicodeScalars.suffix(max(count - 3, 0))))
  }
}

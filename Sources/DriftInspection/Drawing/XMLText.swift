/// Text made safe for an XML document: markup is escaped, and what XML cannot hold is spelled out.
enum XMLText {
  static func escape(_ text: some StringProtocol) -> String {
    var result = ""
    for scalar in PlainText.printable(text).unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

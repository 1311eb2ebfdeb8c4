import Foundation
import FoundationXML

/// An SVG document, read by an XML parser.
final class SVGDocument: NSObject, XMLParserDelegate {
  struct Box {
    var id: String
    var frame: CGRect
    var fill: String
  }

  private(set) var elements: Set<String> = []
  private(set) var boxes: [Box] = []
  private(set) var texts: Set<String> = []
  private(set) var frame = CGRect.zero
  private var group: String?
  private var text = ""

  /// - Throws: the parser's error.
  init(_ source: String) throws {
    super.init()
    let parser = XMLParser(data: Data(source.utf8))
    parser.delegate = self
    guard parser.parse() else { throw parser.parserError ?? CocoaError(.fileReadCorruptFile) }
  }

  func parser(
    _: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?, attributes: [String: String]
  ) {
    func number(_ key: String) -> Double { attributes[key].flatMap(Double.init) ?? 0 }
    elements.insert(name)
    text = ""
    let rectangle = CGRect(x: number("x"), y: number("y"), width: number("width"), height: number("height"))
    switch name {
    case "svg": frame = rectangle
    case "g": group = attributes["id"]
    case "rect":
      if let group { boxes.append(Box(id: group, frame: rectangle, fill: attributes["fill"] ?? "")) }
    default: break
    }
  }

  func parser(_: XMLParser, foundCharacters characters: String) { text += characters }

  func parser(_: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
    if name == "g" { group = nil }
    if name == "text" { texts.insert(text) }
  }
}

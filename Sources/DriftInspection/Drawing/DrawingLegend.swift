/// Title and keys above a drawing.
struct DrawingLegend {
  private let title: String
  private let entries: [(mark: Mark, text: String)]

  private enum Mark {
    case box(fill: String, isPrepared: Bool)
    case line(style: String)
  }

  private static let perRow = 4, column = 250, row = 26, left = 24

  init(title: String, colours: LevelColours) {
    self.title = title
    entries =
      colours.levels.map { (.box(fill: $0.fill, isPrepared: false), "\($0.height)x\($0.width) pixels") } + [
        (.box(fill: LevelColours.prepared, isPrepared: true), "timestep and class alone"),
        (.box(fill: LevelColours.input, isPrepared: false), "other inputs alone"),
        (.line(style: ""), "value, within a side"), (.line(style: "skip"), "value, between the sides"),
        (.line(style: "step"), "value not of the sample"),
      ]
  }

  /// Room that the legend takes.
  var width: Int { 2 * Self.left + Self.perRow * Self.column }
  /// Room that the legend takes.
  var height: Int { 64 + (entries.count + Self.perRow - 1) / Self.perRow * Self.row }

  func lines() -> [String] {
    ["<text class=\"title\" x=\"\(Self.left)\" y=\"34\">\(XMLText.escape(PlainText.shortened(title, to: 90)))</text>"]
      + entries.enumerated().map { index, entry in
        let x = Self.left + index % Self.perRow * Self.column, y = 52 + index / Self.perRow * Self.row
        let text = "<text class=\"key\" x=\"\(x + 38)\" y=\"\(y + 13)\">\(XMLText.escape(entry.text))</text>"
        switch entry.mark {
        case .box(let fill, let isPrepared):
          let style = isPrepared ? " stroke-dasharray=\"4 2\"" : ""
          return "<rect x=\"\(x)\" y=\"\(y)\" width=\"30\" height=\"18\" rx=\"3\" fill=\"\(fill)\" stroke=\"#66727c\"\(style)/>"
            + text
        case .line(let style): return "<path class=\"\(style)\" d=\"M\(x) \(y + 9)H\(x + 30)\"/>" + text
        }
      }
  }
}

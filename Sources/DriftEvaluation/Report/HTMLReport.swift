import Foundation

/// A report as one HTML page that needs nothing beside itself: styles, charts and pictures are inside.
public struct HTMLReport: Sendable {
  /// Part of a report.
  public enum Content: Sendable {
    /// Running text.
    case paragraph(String)
    /// Names and values.
    case facts([(name: String, value: String)])
    /// Rows under headings. Cells that are numbers are set to the right.
    case table(headings: [String], rows: [[String]])
    /// A chart.
    case chart(LineChart)
    /// A heat map.
    case heatMap(HeatMap)
    /// A PNG picture, enlarged, with what it shows.
    case picture(png: [UInt8], caption: String)
  }

  /// Heading of the page.
  public var title: String
  private var sections: [(heading: String, contents: [Content])] = []

  /// An empty report.
  public init(title: String) { self.title = title }

  /// Appends a section.
  public mutating func add(_ heading: String, _ contents: [Content]) { sections.append((heading, contents)) }

  /// The page, UTF-8 text.
  public func render() -> String {
    let body = sections.map { section in
      "<section>\n<h2>\(HTML.escape(section.heading))</h2>\n" + section.contents.map(Self.render).joined(separator: "\n")
        + "\n</section>"
    }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width">
      <title>\(HTML.escape(title))</title>
      <style>
      \(Self.style)
      </style>
      </head>
      <body>
      <h1>\(HTML.escape(title))</h1>
      \(body.joined(separator: "\n"))
      </body>
      </html>

      """
  }

  private static func render(_ content: Content) -> String {
    switch content {
    case .paragraph(let text):
      return "<p>\(HTML.escape(text))</p>"
    case .facts(let facts):
      let rows = facts.map { "<tr><th scope=\"row\">\(HTML.escape($0.name))</th><td>\(HTML.escape($0.value))</td></tr>" }
      return "<table class=\"facts\">\n\(rows.joined(separator: "\n"))\n</table>"
    case .table(let headings, let rows):
      let head = headings.map { "<th scope=\"col\">\(HTML.escape($0))</th>" }.joined()
      let lines = rows.map { "<tr>" + $0.map(cell).joined() + "</tr>" }
      return
        "<div class=\"wide\"><table>\n<thead><tr>\(head)</tr></thead>\n<tbody>\n\(lines.joined(separator: "\n"))\n</tbody>\n</table></div>"
    case .chart(let chart):
      return chart.svg()
    case .heatMap(let map):
      return map.svg()
    case .picture(let png, let caption):
      let data = Data(png).base64EncodedString()
      return """
        <figure><img alt="\(HTML.escape(caption))" src="data:image/png;base64,\(data)"><figcaption>\(HTML.escape(caption))</figcaption></figure>
        """
    }
  }

  private static func cell(_ text: String) -> String {
    Double(text) == nil ? "<td>\(HTML.escape(text))</td>" : "<td class=\"number\">\(HTML.escape(text))</td>"
  }

  private static let style = """
    body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1d2327; background: #fff; }
    h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2rem; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
    th, td { text-align: left; padding: 0.2rem 0.9rem 0.2rem 0; border-bottom: 1px solid #e3e6e8; font-weight: normal; }
    thead th { font-weight: 600; } .facts th { color: #59636b; } td.number { text-align: right; }
    .wide { overflow-x: auto; } figure { margin: 1rem 0; } figcaption { color: #59636b; }
    img { image-rendering: pixelated; width: 100%; max-width: 40rem; } svg { width: 100%; font-size: 12px; } svg text { fill: #59636b; }
    svg .grid { stroke: #e3e6e8; }
    """
}

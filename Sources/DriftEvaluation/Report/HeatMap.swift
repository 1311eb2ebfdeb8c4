import Foundation

/// A heat map as inline SVG: a row for each layer, a column for each step, a colour for each value from 0 up.
public struct HeatMap: Sendable {
  /// What the columns count.
  public var horizontalLabel: String
  /// What the colours mean, with its unit.
  public var valueLabel: String
  /// Names and values; one value a step.
  public var rows: [(name: String, values: [Double])]

  private static let width = 760.0, top = 46.0, rowHeight = 14.0, bottom = 40.0, right = 8.0
  private static let characterWidth = 6.2, longestName = 34
  /// Columns that are still wide enough to see: further steps share one, with their mean.
  static let mostColumns = 120
  /// From nothing to the most.
  private static let colours: [(red: Double, green: Double, blue: Double)] = [
    (244, 247, 249), (102, 178, 206), (11, 110, 153), (18, 38, 58),
  ]

  /// A map whose scale follows from the values.
  public init(horizontalLabel: String, valueLabel: String, rows: [(name: String, values: [Double])]) {
    self.horizontalLabel = horizontalLabel
    self.valueLabel = valueLabel
    self.rows = rows
  }

  /// The map as an `<svg>` element; each field says its value when pointed at.
  public func svg() -> String {
    let steps = rows.map(\.values.count).max() ?? 0
    let share = max((steps + Self.mostColumns - 1) / Self.mostColumns, 1)
    let most = LineChart.ticks(from: 0, to: max(rows.flatMap(\.values).filter(\.isFinite).max() ?? 0, 0.01)).last ?? 1
    let left = Double(min(rows.map(\.name.count).max() ?? 0, Self.longestName)) * Self.characterWidth + 14
    let fieldWidth = (Self.width - left - Self.right) / Double(max((steps + share - 1) / share, 1))
    let height = Self.top + Self.rowHeight * Double(rows.count) + Self.bottom
    var lines = ["<svg viewBox=\"0 0 \(Int(Self.width)) \(Int(height))\" role=\"img\" xmlns=\"http://www.w3.org/2000/svg\">"]
    lines += legend(to: most, left: left)
    for (index, row) in rows.enumerated() {
      let y = Self.top + Self.rowHeight * Double(index)
      let name = HTML.escape(Self.short(row.name)), base = Self.number(y + Self.rowHeight - 3)
      lines.append("<text x=\"\(Self.number(left - 8))\" y=\"\(base)\" text-anchor=\"end\">\(name)</text>")
      for first in stride(from: 0, to: row.values.count, by: share) {
        let values = row.values[first..<min(first + share, row.values.count)].filter(\.isFinite)
        guard let mean = values.mean else { continue }
        let x = left + fieldWidth * Double(first / share)
        lines.append(
          Self.field(x: x, y: y, width: fieldWidth, height: Self.rowHeight - 1, share: mean / most)
            + "<title>\(HTML.escape(row.name)), step \(first): \(Self.number(mean, digits: 4))</title></rect>")
      }
    }
    for step in LineChart.stepTicks(steps) {
      let x = left + fieldWidth * (Double(step / share) + 0.5)
      let base = Self.number(height - Self.bottom + 16)
      lines.append("<text x=\"\(Self.number(x))\" y=\"\(base)\" text-anchor=\"middle\">\(step)</text>")
    }
    let middle = (left + Self.width - Self.right) / 2
    lines.append(
      "<text x=\"\(Self.number(middle))\" y=\"\(Self.number(height - 6))\" text-anchor=\"middle\">"
        + "\(HTML.escape(horizontalLabel))</text>")
    lines.append("</svg>")
    return lines.joined(separator: "\n")
  }

  /// What the values are, and a strip of colours between 0 and the most.
  private func legend(to most: Double, left: Double) -> [String] {
    let parts = 24, width = 8.0
    let end = left + width * Double(parts)
    let strip = (0..<parts).map { part in
      Self.field(
        x: left + width * Double(part), y: 20, width: width + 0.5, height: 10, share: Double(part) / Double(parts - 1)) + "</rect>"
    }
    return ["<text x=\"\(Self.number(left))\" y=\"14\">\(HTML.escape(valueLabel))</text>"] + strip + [
      "<text x=\"\(Self.number(left))\" y=\"42\">0</text>",
      "<text x=\"\(Self.number(end))\" y=\"42\" text-anchor=\"end\">\(Self.number(most, digits: 3))</text>",
    ]
  }

  /// A coloured rectangle, its element left open.
  private static func field(x: Double, y: Double, width: Double, height: Double, share: Double) -> String {
    "<rect x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\" height=\"\(number(height))\" fill=\"\(colour(share))\">"
  }

  /// The end of a name says more than its start.
  private static func short(_ name: String) -> String { name.count > longestName ? "…" + name.suffix(longestName - 1) : name }

  /// Between the colours, linearly.
  static func colour(_ share: Double) -> String {
    let position = min(max(share, 0), 1) * Double(colours.count - 1)
    let below = min(Int(position), colours.count - 2)
    let weight = position - Double(below), (low, high) = (colours[below], colours[below + 1])
    func mix(_ low: Double, _ high: Double) -> Int { Int((low + (high - low) * weight).rounded()) }
    return String(format: "#%02x%02x%02x", mix(low.red, high.red), mix(low.green, high.green), mix(low.blue, high.blue))
  }

  private static func number(_ value: Double, digits: Int = 2) -> String {
    let text = String(format: "%.\(digits)f", value)
    guard text.contains(".") else { return text }
    let end = text.lastIndex { $0 != "0" } ?? text.startIndex
    return String(text[...end].last == "." ? text[..<end] : text[...end])
  }
}

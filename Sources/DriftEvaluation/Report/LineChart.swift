import Foundation

/// A line chart as inline SVG: a value per step for one or more series.
public struct LineChart: Sendable {
  /// One line: its name in the legend and its values; values that are not finite leave a gap.
  public struct Series: Sendable {
    /// Shown in the legend.
    public var name: String
    /// One per step.
    public var values: [Double]

    /// A line of a chart.
    public init(name: String, values: [Double]) {
      self.name = name
      self.values = values
    }
  }

  /// What the horizontal axis counts.
  public var horizontalLabel: String
  /// What the vertical axis measures, with its unit.
  public var verticalLabel: String
  /// The lines, in order of colour.
  public var series: [Series]

  private static let width = 760.0, height = 300.0
  private static let left = 56.0, right = 16.0, top = 30.0, bottom = 44.0
  private static let colours = ["#0b6e99", "#c4501b", "#4b7f2c", "#7a4b94"]

  /// A chart whose axes follow from the values.
  public init(horizontalLabel: String, verticalLabel: String, series: [Series]) {
    self.horizontalLabel = horizontalLabel
    self.verticalLabel = verticalLabel
    self.series = series
  }

  /// The chart as an `<svg>` element.
  public func svg() -> String {
    let finite = series.flatMap(\.values).filter(\.isFinite)
    let ticks = Self.ticks(from: finite.min() ?? 0, to: finite.max() ?? 1)
    let low = ticks.first ?? 0, high = ticks.last ?? 1
    let steps = series.map(\.values.count).max() ?? 0
    let plotWidth = Self.width - Self.left - Self.right, plotHeight = Self.height - Self.top - Self.bottom
    func x(_ step: Int) -> Double { Self.left + plotWidth * (steps > 1 ? Double(step) / Double(steps - 1) : 0.5) }
    func y(_ value: Double) -> Double { Self.top + plotHeight * (high > low ? (high - value) / (high - low) : 0.5) }

    var lines = ["<svg viewBox=\"0 0 \(Int(Self.width)) \(Int(Self.height))\" role=\"img\" xmlns=\"http://www.w3.org/2000/svg\">"]
    for tick in ticks {
      let height = Self.number(y(tick))
      lines.append("<line class=\"grid\" x1=\"\(Self.left)\" x2=\"\(Self.width - Self.right)\" y1=\"\(height)\" y2=\"\(height)\"/>")
      lines.append("<text x=\"\(Self.left - 8)\" y=\"\(height)\" dy=\"4\" text-anchor=\"end\">\(Self.number(tick))</text>")
    }
    for step in Self.stepTicks(steps) {
      let position = Self.number(x(step)), base = Self.height - Self.bottom
      lines.append("<text x=\"\(position)\" y=\"\(base + 16)\" text-anchor=\"middle\">\(step)</text>")
    }
    lines.append(
      "<text x=\"\(Self.left + plotWidth / 2)\" y=\"\(Self.height - 6)\" text-anchor=\"middle\">\(HTML.escape(horizontalLabel))</text>"
    )
    lines.append("<text x=\"8\" y=\"16\">\(HTML.escape(verticalLabel))</text>")
    for (index, line) in series.enumerated() {
      let colour = Self.colours[index % Self.colours.count]
      for run in Self.runs(of: line.values) {
        let points = run.map { "\(Self.number(x($0))),\(Self.number(y(line.values[$0])))" }.joined(separator: " ")
        lines.append("<polyline fill=\"none\" stroke=\"\(colour)\" stroke-width=\"2\" points=\"\(points)\"/>")
      }
      let place = Self.width - Self.right - Double(series.count - index) * 170
      lines.append("<line x1=\"\(place)\" x2=\"\(place + 18)\" y1=\"12\" y2=\"12\" stroke=\"\(colour)\" stroke-width=\"3\"/>")
      lines.append("<text x=\"\(place + 24)\" y=\"16\">\(HTML.escape(line.name))</text>")
    }
    lines.append("</svg>")
    return lines.joined(separator: "\n")
  }

  /// Round values that enclose a range, about five of them.
  static func ticks(from low: Double, to high: Double) -> [Double] {
    let span = max(high - low, abs(high) * 1e-9, 1e-9)
    let magnitude = pow(10, (log10(span / 5)).rounded(.down))
    let step = [1, 2, 5, 10].map { $0 * magnitude }.first { span / $0 <= 6 } ?? magnitude
    let first = (low / step).rounded(.down), last = max((high / step).rounded(.up), first + 1)
    return (0...Int(last - first)).map { (first + Double($0)) * step }
  }

  /// At most about ten step numbers, the first among them.
  static func stepTicks(_ steps: Int) -> [Int] {
    let stride = [1, 2, 5, 10, 20, 50, 100, 200, 500].first { steps / $0 <= 10 } ?? 1000
    return Array(Swift.stride(from: 0, to: steps, by: stride))
  }

  /// Indices of finite values, cut where one is not.
  private static func runs(of values: [Double]) -> [[Int]] {
    var result: [[Int]] = [[]]
    for (index, value) in values.enumerated() {
      if value.isFinite { result[result.count - 1].append(index) } else { result.append([]) }
    }
    return result.filter { !$0.isEmpty }
  }

  private static func number(_ value: Double) -> String {
    let text = String(format: "%.2f", value)
    return text.hasSuffix(".00") ? String(text.dropLast(3)) : text
  }
}

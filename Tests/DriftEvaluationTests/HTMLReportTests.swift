import DriftEvaluation
import Foundation
import Testing

@Suite("HTML report")
struct HTMLReportTests {
  private func sample() -> String {
    var report = HTMLReport(title: "digits <8 bit>")
    report.add(
      "Summary",
      [
        .facts([("file", "\"a&b\".drift")]),
        .chart(
          LineChart(
            horizontalLabel: "step", verticalLabel: "SQNR, dB", series: [.init(name: "noise", values: [30, .infinity, 32, 35])])),
        .heatMap(HeatMap(horizontalLabel: "step", valueLabel: "events", rows: [("conv_in", [0.5, 0.25])])),
        .table(headings: ["layer", "SQNR"], rows: [["conv_in", "41.5"]]),
        .picture(png: [0x89, 0x50], caption: "ten digits"),
      ])
    return report.render()
  }

  @Test("is well-formed markup")
  func wellFormed() throws {
    let text = sample().replacingOccurrences(of: "<!DOCTYPE html>\n", with: "")
    // Void elements of HTML are the only thing in the page that XML does not take.
    let xml = ["meta charset=\"utf-8\"", "meta name=\"viewport\" content=\"width=device-width\""].reduce(text) {
      $0.replacingOccurrences(of: "<\($1)>", with: "<\($1)/>")
    }.replacing(try Regex("<img ([^>]*)>")) { "<img \($0.output[1].substring ?? "")/>" }
    var depth = 0
    var open: [Substring] = []
    for tag in xml.matches(of: try Regex("<(/?)([a-z0-9]+)[^>]*?(/?)>")) {
      let closing = tag.output[1].substring == "/", empty = tag.output[3].substring == "/"
      let name = try #require(tag.output[2].substring)
      if closing { #expect(open.popLast() == name) } else if !empty { open.append(name) }
      depth = max(depth, open.count)
    }
    #expect(open.isEmpty)
    #expect(depth > 5)
  }

  @Test("escapes what it is given")
  func escapes() {
    let page = sample()
    #expect(page.contains("<h1>digits &lt;8 bit&gt;</h1>"))
    #expect(page.contains("&quot;a&amp;b&quot;.drift"))
  }

  @Test("loads nothing from elsewhere")
  func selfContained() {
    let page = sample()
    #expect(!page.contains("<script") && !page.contains("<link") && !page.contains("@import") && !page.contains("url("))
    #expect(page.contains("src=\"data:image/png;base64,iVA=\""))
    let sources = page.components(separatedBy: "src=\"").dropFirst()
    #expect(sources.allSatisfy { $0.hasPrefix("data:") })
  }

  @Test("leaves a gap in a chart where a value is infinite")
  func gap() {
    let svg = LineChart(horizontalLabel: "step", verticalLabel: "dB", series: [.init(name: "a", values: [1, .infinity, 3])]).svg()
    #expect(svg.components(separatedBy: "<polyline").count == 3)
    #expect(!svg.contains("inf") && !svg.contains("nan"))
  }

  @Test("draws a chart of one value, of equal values and of none")
  func degenerateCharts() {
    for values in [[], [3], [3, 3, 3], [.infinity]] as [[Double]] {
      let svg = LineChart(horizontalLabel: "step", verticalLabel: "dB", series: [.init(name: "a", values: values)]).svg()
      #expect(svg.hasPrefix("<svg") && svg.hasSuffix("</svg>"))
      #expect(!svg.contains("inf") && !svg.contains("nan"))
    }
  }
}

import DriftEvaluation
import Foundation
import Testing

@Suite("Heat map")
struct HeatMapTests {
  private func map(_ rows: [(name: String, values: [Double])]) -> String {
    HeatMap(horizontalLabel: "step", valueLabel: "events", rows: rows).svg()
  }

  /// Fields with their hints, without those of the legend.
  private func hints(_ svg: String) -> [String] {
    svg.components(separatedBy: "<title>").dropFirst().map { String($0.prefix { $0 != "<" }) }
  }

  @Test("has a field for each layer and step, with its value in words")
  func fields() {
    let svg = map([("a<b", [0, 0.25, 1]), ("second", [0.5, .nan, 0.125])])
    #expect(
      hints(svg) == [
        "a&lt;b, step 0: 0", "a&lt;b, step 1: 0.25", "a&lt;b, step 2: 1", "second, step 0: 0.5", "second, step 2: 0.125",
      ])
    #expect(!svg.contains("nan") && !svg.contains("inf"))
  }

  @Test("colours nothing and the most with the ends of its scale")
  func colours() throws {
    let svg = map([("a", [0, 1])])
    let fields = try svg.matches(of: Regex("fill=\"(#[0-9a-f]{6})\"><title>")).map { try #require($0.output[1].substring) }
    #expect(fields == ["#f4f7f9", "#12263a"])
    #expect(svg.contains(">1</text>"))
  }

  @Test("joins steps that would be too narrow to see, and shows their mean")
  func manySteps() {
    let found = hints(map([("a", (0..<1000).map { Double($0) })]))
    #expect(found.count <= 120)
    // Nine steps share a field: the mean of 0 to 8 is 4.
    #expect(found.first == "a, step 0: 4")
  }

  @Test("draws nothing, rows without values, and values that are all zero")
  func degenerate() {
    for rows in [[], [("a", [])], [("a", [0, 0])], [("a", [Double.infinity])]] as [[(name: String, values: [Double])]] {
      let svg = map(rows)
      #expect(svg.hasPrefix("<svg") && svg.hasSuffix("</svg>"))
      #expect(!svg.contains("nan") && !svg.contains("inf"))
    }
  }
}

import Foundation

extension SpikingFigures {
  /// Times closer than this share of each other are taken as equal: rounds on a busy machine differ by as much.
  private static let tie = 0.03

  /// Which of events and dense int8 is the better choice on this machine, by the times measured. Dense int8 is the plain file where one was
  /// given, else the same file with its membranes computed anew.
  var sentence: String {
    let (ratio, dense) = against.map { ($0.timeRatio, $0.msPerStep) } ?? (timeRatio, denseMsPerStep)
    let whose = against == nil ? "all membranes of the same file computed anew" : "the plain int8 file"
    func ms(_ value: Double) -> String { String(format: "%.3f ms", value) }
    let times = "\(ms(msPerStep)) per step against \(ms(dense)) with \(whose)"
    let choice =
      if ratio < 1 - Self.tie {
        "events are the better choice: \(times), \(String(format: "%.2f", 1 / max(ratio, .leastNormalMagnitude))) times as fast"
      } else if ratio > 1 + Self.tie {
        "dense int8 is the better choice: events take \(times), \(String(format: "%.2f", ratio)) times as long"
      } else {
        "events and dense int8 take the same time, so dense int8, which is simpler, is the better choice: \(times)"
      }
    let fairness =
      against == nil && !fires
      ? "; a plain int8 file does without neurons and membranes, and bench --against times it beside" : ""
    let rest =
      distance > 0
      ? String(format: "; neurons stop %.2f levels from rest on average, so answers are not the int8 program's", distancePerNeuron)
      : ""
    return "On this machine and for this model \(choice)\(fairness)\(rest); "
      + "energies by table are arithmetic on counts, not measurements."
  }
}

import DriftGraph
import DriftImport
import DriftReference
import Foundation
import Testing

/// A tiny checkpoint of diffusers and what diffusers answers for it.
struct Golden {
  let folder: String
  let graph: Graph
  private let input: NPYArray
  private let output: NPYArray
  private let timesteps: [Float]

  /// - Parameter classCount: labels, where the model does not say how many it takes.
  init(_ name: String, classCount: Int? = nil) throws {
    folder = Fixtures.family(name)
    let temporary = try TemporaryFolder()
    try temporary.write("schedule.json", #"{"process": "beta"}"#)
    let tokens = try? NPYArray.read("\(folder)/encoder_hidden_states.npy").shape[1]
    let shape = try NPYArray.read("\(folder)/input.npy").shape
    let config = try JSON.object("\(folder)/config.json")
    // Left to the caller where pictures may have any size.
    let size = config["sample_size"] is NSNull && shape.count == 4 ? (shape[2], shape[3]) : nil
    let options = DiffusersOptions(sampleSize: size, classCount: classCount, contextLength: tokens ?? 77)
    graph = try Checkpoint.load(path: folder, scheduleFile: "\(temporary.path)/schedule.json", options: options).graph
    (input, output) = (try NPYArray.read("\(folder)/input.npy"), try NPYArray.read("\(folder)/output.npy"))
    timesteps = try NPYArray.read("\(folder)/timestep.npy").floats
  }

  var count: Int { timesteps.count }

  /// Values of an input for one evaluation, channels first.
  func value(_ name: String, _ index: Int) throws -> [Float] {
    guard name != "image" else { return Array(row(input, index).dropFirst(graph.sampleShape?.count ?? 0)) }
    let array = try NPYArray.read("\(folder)/\(name).npy")
    let values = row(array, index)
    guard array.shape.count == 3 else { return values }
    let (tokens, width) = (array.shape[1], array.shape[2])
    return (0..<width).flatMap { channel in (0..<tokens).map { values[$0 * width + channel] } }
  }

  /// SQNR in decibels of one evaluation's answer. Where the model predicts variances too, the first half of diffusers' answer counts.
  /// - Parameters:
  ///   - graph: this checkpoint's, with inputs bound or not; the others are bound to this evaluation's values.
  ///   - label: the class.
  func sqnr(_ index: Int, _ graph: Graph, label: Int?) throws -> Double {
    var graph = graph
    for name in graph.openInputs.keys { graph = try graph.binding(name, to: [try value(name, index)]) }
    let shape = try #require(graph.sampleShape)
    let found = try FloatDenoiser(graph).evaluate(
      x: Array(row(input, index).prefix(shape.count)), timestep: timesteps[index], classLabel: label)
    let expected = row(output, index).prefix(found.count)
    try #require(found.count == shape.count && expected.count == found.count)
    return Measures.sqnr(Array(expected), found)
  }

  /// The class of one evaluation; nil if the model has none.
  func label(_ index: Int) throws -> Int? {
    graph.classCount > 0 ? try NPYArray.read("\(folder)/class_labels.npy").integers?[index] : nil
  }

  private func row(_ array: NPYArray, _ index: Int) -> [Float] {
    let size = array.count / array.shape[0]
    return Array(array.floats[index * size..<(index + 1) * size])
  }
}

import DriftGraph
import DriftReference
import Foundation

extension Checkpoint {
  /// The same network with weights that 8 bits hold: multiples of a 127th of each output's greatest.
  func roundingWeights() -> Checkpoint {
    var result = self
    for node in graph.nodes {
      guard case .convolution(let convolution) = node.operation, let weight = graph.parameters[convolution.weight],
        node.shape.pixels > 1
      else { continue }
      let row = weight.values.count / weight.shape[0]
      var values = weight.values
      for output in 0..<weight.shape[0] {
        let range = output * row..<(output + 1) * row
        let unit = (weight.values[range].map(abs).max() ?? 0) / 127
        for index in range where unit > 0 { values[index] = (values[index] / unit).rounded() * unit }
      }
      result.graph.parameters[convolution.weight] = Parameter(shape: weight.shape, values: values)
    }
    return result
  }

  /// What rounding the weights alone does to the float network's answer to noise, in dB. Where values jump, at thresholds or between levels,
  /// an integer program of 8-bit weights comes near that at best.
  func sqnrOfRoundedWeights() throws -> Double {
    let x = IntegerModel.noise(graph.sampleShape?.count ?? 0)
    let plain = try FloatDenoiser(graph).evaluate(x: x, timestep: 33)
    let moved = try FloatDenoiser(roundingWeights().graph).evaluate(x: x, timestep: 33)
    let signal = plain.reduce(0.0) { $0 + Double($1) * Double($1) }
    return 10 * log10(signal / IntegerModel.error(plain, moved))
  }
}

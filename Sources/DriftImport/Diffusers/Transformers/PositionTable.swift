import Foundation

/// Positions of tokens on a grid, as vectors.
enum PositionTable {
  /// Sines and cosines of the column in the first half of the channels, of the row in the second, as diffusers' `PatchEmbed` computes them
  /// (He et al. 2021, masked autoencoders).
  /// - Parameters:
  ///   - channels: divisible by 4.
  ///   - base: side of the grid that the model was made for, to which others are stretched.
  ///   - interpolation: what positions are divided by.
  /// - Returns: channels first.
  static func sinusoidal(channels: Int, height: Int, width: Int, base: Int, interpolation: Float) -> [Float] {
    let count = channels / 4
    let frequencies = (0..<count).map { 1 / pow(10_000, Double($0) / Double(count)) }
    func position(_ index: Int, _ size: Int) -> Double {
      // diffusers divides in single precision.
      Double(Float(index) / Float(Double(size) / Double(base)) / interpolation)
    }
    let columns = (0..<width).map { position($0, width) }, rows = (0..<height).map { position($0, height) }
    var values: [Float] = []
    values.reserveCapacity(channels * height * width)
    for usesRows in [false, true] {
      for wave in [sin, cos] as [(Double) -> Double] {
        for frequency in frequencies {
          for row in rows {
            for column in columns { values.append(Float(wave((usesRows ? row : column) * frequency))) }
          }
        }
      }
    }
    return values
  }
}

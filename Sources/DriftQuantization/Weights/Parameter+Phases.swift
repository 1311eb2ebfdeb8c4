import DriftGraph

extension Parameter {
  /// A 3x3 convolution with padding 1 of an image enlarged twice by nearest neighbour, as four 2x2 convolutions of the image itself: one
  /// for each phase (y % 2, x % 2) of the output. Taps that fall on the same pixel of the image are added up, which leaves 4 of 9
  /// multiply-adds.
  ///
  /// [outputs, inputs, 3, 3] becomes [4 * outputs, inputs, 2, 2], phases (0, 0), (0, 1), (1, 0), (1, 1) one after the other. The window of
  /// phase (py, px) begins py - 1 rows and px - 1 columns from the pixel.
  var phases: Parameter {
    let (outputs, inputs) = (shape[0], shape[1])
    // Row of the 2x2 window that row k of the 3x3 window falls on.
    let place = [[0, 1, 1], [0, 0, 1]]
    var result = [Float](repeating: 0, count: 4 * outputs * inputs * 4)
    for phase in 0..<4 {
      for row in 0..<outputs * inputs {
        for tap in 0..<9 {
          let position = place[phase / 2][tap / 3] * 2 + place[phase % 2][tap % 3]
          result[(phase * outputs * inputs + row) * 4 + position] += values[row * 9 + tap]
        }
      }
    }
    return Parameter(shape: [4 * outputs, inputs, 2, 2], values: result)
  }
}

import DriftGraph

extension KernelCall {
  /// Every value of the result is one value of the input, or zero.
  func rearrange(_ input: UnsafePointer<Float>) {
    let (source, result) = (shape(0), node.shape)
    var target = out
    for channel in 0..<result.channels {
      for y in 0..<result.height {
        for x in 0..<result.width {
          if let place = place(channel, y, x, of: source, in: result) {
            target.pointee = input[(place.channel * source.height + place.y) * source.width + place.x]
          } else {
            target.pointee = 0
          }
          target += 1
        }
      }
    }
  }

  /// Where a value of the result comes from; nil: it is zero.
  private func place(_ channel: Int, _ y: Int, _ x: Int, of source: Shape, in result: Shape) -> (channel: Int, y: Int, x: Int)? {
    switch node.operation {
    case .crop(let top, let left, _, _):
      return (channel, y + top, x + left)
    case .pad(let padding):
      guard let row = padding.source(y - padding.top, of: source.height),
        let column = padding.source(x - padding.left, of: source.width)
      else { return nil }
      return (channel, row, column)
    case .transposePixels:
      return (channel, x, y)
    case .depthToSpace(let block):
      return ((y % block * block + x % block) * result.channels + channel, y / block, x / block)
    case .spaceToDepth(let block):
      let phase = channel / source.channels
      return (channel % source.channels, y * block + phase / block, x * block + phase % block)
    default:
      return nil
    }
  }

  func concatenatePixels(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>) {
    let (first, second) = (shape(0).pixels, shape(1).pixels)
    for channel in 0..<node.shape.channels {
      let to = out + channel * (first + second)
      to.update(from: a + channel * first, count: first)
      (to + first).update(from: b + channel * second, count: second)
    }
  }

  func resize(_ input: UnsafePointer<Float>, _ resize: Resize) {
    let (source, result) = (shape(0), node.shape)
    let columns = (0..<result.width).map { resize.taps($0, from: source.width, to: result.width) }
    for channel in 0..<result.channels {
      let picture = input + channel * source.pixels
      for y in 0..<result.height {
        let row = resize.taps(y, from: source.height, to: result.height)
        let (upper, lower) = (picture + row.first * source.width, picture + row.second * source.width)
        let to = out + (channel * result.height + y) * result.width
        for (x, column) in columns.enumerated() {
          let above = upper[column.first] * (1 - column.share) + upper[column.second] * column.share
          let below = lower[column.first] * (1 - column.share) + lower[column.second] * column.share
          to[x] = above * (1 - row.share) + below * row.share
        }
      }
    }
  }
}

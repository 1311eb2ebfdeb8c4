extension Graph {
  /// Shape of a value whose pixels or channels are taken from another place; nil if that cannot be.
  func rearrangedShape(_ operation: Operation, _ inputs: [Shape]) -> Shape? {
    let x = inputs[0]
    switch operation {
    case .channelSlice(let first, let count):
      guard first >= 0, count >= 1, count <= x.channels, first <= x.channels - count else { return nil }
      return Shape(channels: count, height: x.height, width: x.width)
    case .concatenatePixels:
      guard x.height == 1, inputs[1].height == 1, x.channels == inputs[1].channels else { return nil }
      return Shape(channels: x.channels, width: x.width + inputs[1].width)
    case .crop(let top, let left, let height, let width):
      guard top >= 0, left >= 0, height >= 1, width >= 1, height <= x.height, width <= x.width, top <= x.height - height,
        left <= x.width - width
      else { return nil }
      return Shape(channels: x.channels, height: height, width: width)
    case .pad(let padding):
      let limit = (padding.mode == .reflect ? x.height - 1 : x.height, padding.mode == .reflect ? x.width - 1 : x.width)
      let isBounded = padding.mode == .reflect || padding.mode == .circular
      guard [padding.top, padding.left, padding.bottom, padding.right].allSatisfy({ (0...65_536).contains($0) }),
        !isBounded || (max(padding.top, padding.bottom) <= limit.0 && max(padding.left, padding.right) <= limit.1)
      else { return nil }
      return Shape(
        channels: x.channels, height: x.height + padding.top + padding.bottom, width: x.width + padding.left + padding.right)
    case .reshapePixels(let height, let width):
      guard height >= 1, width >= 1, height <= x.pixels, width <= x.pixels, height * width == x.pixels else { return nil }
      return Shape(channels: x.channels, height: height, width: width)
    case .transposePixels:
      return Shape(channels: x.channels, height: x.width, width: x.height)
    case .broadcast(let height, let width):
      guard x.pixels == 1, (1...65_536).contains(height), (1...65_536).contains(width) else { return nil }
      return Shape(channels: x.channels, height: height, width: width)
    case .depthToSpace(let block):
      guard (1...256).contains(block), x.channels % (block * block) == 0 else { return nil }
      return Shape(channels: x.channels / (block * block), height: x.height * block, width: x.width * block)
    case .spaceToDepth(let block):
      guard (1...256).contains(block), x.height % block == 0, x.width % block == 0 else { return nil }
      return Shape(channels: x.channels * block * block, height: x.height / block, width: x.width / block)
    case .resize(let resize):
      guard (1...65_536).contains(resize.height), (1...65_536).contains(resize.width) else { return nil }
      return Shape(channels: x.channels, height: resize.height, width: resize.width)
    default:
      return nil
    }
  }
}

import Foundation

/// Size and colour of a PNG file, from its header.
struct PNGHeader: Equatable {
  var width: Int
  var height: Int
  /// 0 grey, 2 red-green-blue.
  var colour: Int

  init(width: Int, height: Int, colour: Int) {
    self.width = width
    self.height = height
    self.colour = colour
  }

  /// nil unless the file is PNG.
  init?(_ path: String) {
    guard let data = FileManager.default.contents(atPath: path), data.count > 33, data.starts(with: [0x89, 0x50, 0x4E, 0x47]) else {
      return nil
    }
    func word(_ offset: Int) -> Int { data[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
    self.init(width: word(16), height: word(20), colour: Int(data[25]))
  }
}

import DriftEvaluation
import Testing

@Suite("Pixel features")
struct PixelFeaturesTests {
  @Test("are means of equal areas where the size divides")
  func equalAreas() {
    let picture = (0..<32 * 32).map { Float($0 / 32 / 4) }
    let features = PixelFeatures(channels: 1, height: 32, width: 32)(picture)
    #expect(features == (0..<64).map { Float($0 / 8) })
  }

  @Test("of a small picture are its pixels")
  func smallPicture() {
    let picture = (0..<2 * 4 * 8).map(Float.init)
    #expect(PixelFeatures(channels: 2, height: 4, width: 8)(picture) == picture)
  }

  @Test("cover every pixel once where the size does not divide")
  func unevenAreas() {
    // 28 rows in 8 areas: 3 or 4 rows each. A picture whose only bright pixel moves over all places always leaves exactly one area bright.
    let features = PixelFeatures(channels: 1, height: 28, width: 12)
    for place in 0..<28 * 12 {
      var picture = [Float](repeating: 0, count: 28 * 12)
      picture[place] = 1
      #expect(features(picture).filter { $0 != 0 }.count == 1)
    }
  }
}

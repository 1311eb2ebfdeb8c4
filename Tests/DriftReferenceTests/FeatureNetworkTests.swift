import DriftImport
import DriftReference
import Testing

/// The digit classifier against what ONNX Runtime answers.
@Suite struct FeatureNetworkTests {
  private let folder = "\(Repository.digits)/features"

  @Test func `features and class scores agree with ONNX Runtime`() throws {
    let network = try FeatureNetwork.load(folder)
    let pictures = try NPYArray.read("\(folder)/goldens/pictures.npy")
    let features = try NPYArray.read("\(folder)/goldens/features.npy")
    let logits = try NPYArray.read("\(folder)/goldens/logits.npy")
    #expect(features.shape == [4, network.model.featureCount])
    #expect(logits.shape == [4, network.model.classCount])
    let found = try network.features(ofEach: pictures.floats)
    #expect(Measures.sqnr(features.floats, found.features.flatMap { $0 }) > 100)
    #expect(Measures.sqnr(logits.floats, found.logits.flatMap { $0 }) > 100)
  }

  @Test func `pictures of another size are refused with both sizes`() throws {
    let network = try FeatureNetwork.load(folder)
    #expect { try network.features([Float](repeating: 0, count: 28 * 28)) } throws: { error in
      "\(error)".contains("1024") && "\(error)".contains("784")
    }
  }

  @Test func `the classifier recognizes the digits that diffusers drew`() throws {
    let network = try FeatureNetwork.load(folder)
    let samples = try NPYArray.read("\(Repository.digits)/goldens/samples_guided.npy")
    let classes = try #require(try NPYArray.read("\(Repository.digits)/goldens/sample_class.npy").integers)
    let scores = try network.features(ofEach: samples.floats).logits
    let found = scores.map { row in row.indices.max { row[$0] < row[$1] } ?? -1 }
    #expect(zip(found, classes).count { $0.0 == $0.1 } >= classes.count - 1)
  }
}

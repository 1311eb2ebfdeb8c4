/// A model that makes pictures: a `.drift` file or, in single precision, a checkpoint with a sampler.
public protocol PictureSource: AnyObject {
  /// Size of a picture.
  var channels: Int { get }
  /// Rows of a picture.
  var height: Int { get }
  /// Columns of a picture.
  var width: Int { get }
  /// Channels, height and width of a sample, and of starting noise: a picture's, unless a decoder makes pictures of samples.
  var sampleShape: [Int] { get }
  /// What maps to black and to white.
  var dataRange: ClosedRange<Float> { get }
  /// Steps of the sampler.
  var stepCount: Int { get }
  /// Labels that the model takes, the null class among them; 0: unconditional.
  var classCount: Int { get }
  /// The label that means "no class".
  var nullClass: Int? { get }

  /// Makes one picture, channels first, in the model's own range.
  /// - Parameter progress: called after each step with the number of finished ones.
  func generate(_ request: PictureRequest, progress: (_ done: Int) -> Void) throws -> [Float]

  /// One evaluation of the denoiser.
  /// - Parameters:
  ///   - x: noisy sample, channels first.
  ///   - timestep: as the model was told in training; a `.drift` file has an answer at the steps of its sampler only.
  func evaluate(_ x: [Float], timestep: Float, classLabel: Int?) throws -> [Float]
}

extension PictureSource {
  /// Values of one picture.
  public var valueCount: Int { channels * height * width }

  /// The picture's.
  public var sampleShape: [Int] { [channels, height, width] }
}

/// A trained model as imported: what convert, run, eval and compare start from.
public struct Checkpoint: Sendable {
  /// The denoiser.
  public var graph: Graph
  /// What makes pictures of the denoiser's latents, once after the last step; nil where samples are pictures.
  public var decoder: Graph?
  /// How noise enters, and how samplers walk back.
  public var schedule: NoiseSchedule
  /// The class label that means "no class"; nil if the model has none.
  public var nullClass: Int?
  /// What maps to black and to white in a picture.
  public var dataRange: ClosedRange<Float>
  /// Where it came from and what it calls itself, for reports.
  public var description: String
  /// What was recognized and, where the checkpoint leaves it open, taken for granted; a sentence each.
  public var remarks: [String]

  /// A model from its parts.
  public init(
    graph: Graph, decoder: Graph? = nil, schedule: NoiseSchedule, nullClass: Int?, dataRange: ClosedRange<Float> = -1...1,
    description: String, remarks: [String] = []
  ) {
    self.graph = graph
    self.decoder = decoder
    self.schedule = schedule
    self.nullClass = nullClass
    self.dataRange = dataRange
    self.description = description
    self.remarks = remarks
  }

  /// Channels, height and width of a picture: the decoder's answer, or the sample where there is none; nil if the graph takes no sample.
  public var pictureShape: Shape? {
    decoder.map(\.outputShape) ?? graph.sampleShape
  }
}

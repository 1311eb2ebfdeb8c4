import DriftGraph

/// What diffusers' configurations leave open, or leave to the pipeline.
public struct DiffusersOptions: Sendable {
  /// Height and width of the sample instead of the configuration's; the width is the length of signals.
  public var sampleSize: (height: Int, width: Int)?
  /// Channels of the sample, where the model takes a picture besides; nil: as many as it takes and answers.
  public var sampleChannels: Int?
  /// Labels, where the model does not say how many it takes, or where classes choose among values that inputs are bound to.
  public var classCount: Int?
  /// Tokens of `encoder_hidden_states`.
  public var contextLength: Int
  /// Values of `text_embeds`; nil: those of Stable Diffusion XL's text encoder.
  public var textWidth: Int?

  /// Options from their values.
  public init(
    sampleSize: (height: Int, width: Int)? = nil, sampleChannels: Int? = nil, classCount: Int? = nil, contextLength: Int = 77,
    textWidth: Int? = nil
  ) {
    self.sampleSize = sampleSize
    self.sampleChannels = sampleChannels
    self.classCount = classCount
    self.contextLength = contextLength
    self.textWidth = textWidth
  }

  /// These options, and what the shapes of inputs say where they are silent: how many tokens there are, and how many prompts, which become
  /// classes.
  func completed(by inputs: [String: NPYArray]) -> DiffusersOptions {
    var result = self
    for (name, array) in inputs {
      if ["context", "encoder_hidden_states"].contains(name), array.shape.count >= 2 {
        result.contextLength = array.shape[array.shape.count - 2]
        if classCount == nil, array.shape.count == 3, array.shape[0] > 1 { result.classCount = array.shape[0] }
      }
    }
    return result
  }

  /// These options, and what a schedule.json says where they are silent.
  func completed(by facts: ScheduleFile?) -> DiffusersOptions {
    var result = self
    if let shape = facts?.sampleShape {
      result.sampleSize = sampleSize ?? (shape.height, shape.width)
      result.sampleChannels = sampleChannels ?? shape.channels
    }
    if classCount == nil, let classes = facts?.classes, classes > 0 {
      result.classCount = max(classes, (facts?.nullClass ?? -1) + 1)
    }
    return result
  }
}

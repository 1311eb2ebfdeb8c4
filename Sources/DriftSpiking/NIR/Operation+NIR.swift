import DriftGraph

extension Operation {
  /// Whether the operation becomes IF neurons.
  public var isNIRNeuron: Bool {
    switch self {
    case .activation(.relu), .quantizedActivation: true
    default: false
    }
  }

  /// Why NIR has no counterpart of an operation.
  var reasonAgainstNIR: String {
    switch self {
    case .upsampleNearest, .resize: "a change of resolution by copying pixels"
    case .concatenate, .concatenatePixels: "a concatenation"
    case .groupNormalization: "a group normalization"
    case .layerNormalization: "a layer normalization"
    case .rootMeanSquareNormalization: "a normalization by the root mean square"
    case .activation(let activation): "the activation \(activation.rawValue)"
    case .attention: "an attention"
    case .transposedConvolution: "a transposed convolution"
    case .channelSlice: "a part of the channels"
    case .crop: "a crop"
    case .pad(let padding): "\(padding.mode.rawValue) padding"
    case .reshapePixels, .transposePixels, .depthToSpace, .spaceToDepth: "a rearrangement of pixels"
    case .broadcast: "a value spread over pixels"
    case .reciprocal: "a division"
    case .nearestCode: "the nearest code of a table"
    case .spiking: "neurons with time steps of their own"
    case .input(let name): "another input, '\(name)'"
    case .sinusoidalEmbedding, .fourierEmbedding, .embedding: "an embedding of the sample"
    default: "no counterpart in NIR"
    }
  }
}

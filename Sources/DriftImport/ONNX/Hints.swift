/// What to do about operators that cannot be converted.
enum Hints {
  static func unsupported(_ op: String) -> String {
    let hint =
      switch op {
      case "Loop", "Scan", "If", "SequenceAt", "SequenceConstruct", "SplitToSequence":
        "control flow cannot be converted; export the network with fixed shapes and without branches"
      case "LSTM", "GRU", "RNN": "recurrent layers cannot be converted"
      case "GlobalMaxPool", "LpPool": "only means, and maxima of patches, have an integer form"
      case "QuantizeLinear", "DequantizeLinear", "QLinearConv", "QLinearMatMul", "DynamicQuantizeLinear", "ConvInteger",
        "MatMulInteger":
        "the model is quantized already; export the float network"
      case "FFT", "DFT", "STFT", "GridSample", "RoiAlign", "NonMaxSuppression", "TopK", "Unique", "NonZero":
        "it has no place in an integer denoiser; move it out of the network"
      case "Celu", "Softplus", "Softsign", "ThresholdedRelu", "Shrink":
        "of activations relu and its leaky forms, silu, gelu, quick gelu, mish, tanh, sigmoid, elu, selu, hard swish and hard sigmoid can be converted"
      case "Sqrt", "Exp", "Log", "Sin", "Cos", "Erf", "Reciprocal", "Abs", "Clip", "Min", "Max", "ReduceSum", "ReduceMax",
        "ReduceL2":
        "alone it is not part of a known layer; if it belongs to a normalization or activation, export that as one module of PyTorch"
      default: "the operator is not known to the converter"
      }
    return "is not supported: \(hint)"
  }
}

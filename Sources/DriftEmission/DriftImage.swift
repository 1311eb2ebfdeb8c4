import DriftFormat

/// A `.drift` file while it is being made: the same records as in the file, with names as strings and constants as bytes.
///
/// Fill it in, call ``planMemory()``, then ``encode()`` or ``write(to:)``:
///
///     var image = DriftImage()
///     image.tensors.append(.init(name: "x", type: DRIFT_TYPE_FLOAT32, flags: DRIFT_TENSOR_PERSISTENT, height: 16, width: 16, channels: 1))
///     ...
///     try image.planMemory()
///     try image.write(to: "model.drift")
///
/// Operators of a program stand in the order in which they run. Tensors and constants may stand in any order; `encode` brings them
/// into the file's order.
public struct DriftImage: Sendable {
  /// A list of operators: a range of ``DriftImage/operators``.
  public struct Program: Sendable {
    public var name: String
    public var operators: Range<Int>
    public var input: Int
    public var output: Int

    /// - Parameters:
    ///   - operators: the program's part of the image's operators.
    ///   - input: the tensor that the sampler writes.
    ///   - output: the tensor that the sampler reads.
    public init(name: String, operators: Range<Int>, input: Int, output: Int) {
      self.name = name
      self.operators = operators
      self.input = input
      self.output = output
    }
  }

  /// An activation. Stride and length in the arena follow from type and shape.
  public struct Tensor: Sendable {
    public var name: String
    public var type: drift_type
    /// Bits of `drift_tensor_flags`.
    public var flags: UInt32
    public var height: Int
    public var width: Int
    public var channels: Int
    /// Set by ``DriftImage/planMemory()``.
    public var arenaOffset: UInt64 = 0

    /// - Parameter flags: bits of `drift_tensor_flags`.
    public init(name: String, type: drift_type, flags: UInt32 = 0, height: Int, width: Int, channels: Int) {
      self.name = name
      self.type = type
      self.flags = flags
      self.height = height
      self.width = width
      self.channels = channels
    }

    /// Distance between pixels, in values.
    public var channelStride: Int {
      type == DRIFT_TYPE_FLOAT32 ? channels : (channels + 3) / 4 * 4
    }

    /// Bytes in the arena.
    public var byteLength: Int {
      let size = type == DRIFT_TYPE_FLOAT32 ? 4 : type == DRIFT_TYPE_INT8 ? 1 : 2
      return size * height * width * channelStride
    }
  }

  /// An operator. `name` in the record, scratch and reserved fields are filled in by the image.
  public struct Operator: Sendable {
    public var name: String
    public var record: drift_operator

    public init(name: String, record: drift_operator) {
      self.name = name
      self.record = record
    }
  }

  /// Bytes that never change: weights, scales, tables.
  public struct Constant: Sendable {
    public var name: String
    public var kind: drift_constant_kind
    /// Output channels, or the number of elements.
    public var outputs: Int
    /// Kernel height times kernel width for weights, otherwise 1.
    public var taps: Int
    /// Input channels for weights, otherwise 1.
    public var inputs: Int
    /// Little-endian; weights as ``WeightPacking/pack(_:outputs:inputs:taps:)`` gives them.
    public var bytes: [UInt8]

    public init(name: String, kind: drift_constant_kind, outputs: Int, taps: Int = 1, inputs: Int = 1, bytes: [UInt8]) {
      self.name = name
      self.kind = kind
      self.outputs = outputs
      self.taps = taps
      self.inputs = inputs
      self.bytes = bytes
    }
  }

  /// Sizes and `step_count`, `group_count` are filled in by `encode`, the memory figures by `planMemory`.
  public var model = drift_model()
  public var programs: [Program] = []
  public var tensors: [Tensor] = []
  public var operators: [Operator] = []
  public var constants: [Constant] = []
  public var steps: [drift_step] = []
  /// Scale and zero point, `[group][tensor]`.
  public var quantization: [[drift_quantization]] = []
  /// `[step * max(class_count, 1) + class][step_columns]`.
  public var stepTable: [Int16] = []
  public var metadata: [(String, String)] = []

  /// An empty image whose absent tensors are marked as absent.
  public init() {
    let none = Int32(DRIFT_NONE)
    model.null_class = none
    model.state_tensor = none
    model.output_tensor = none
    model.guidance_tensor = none
    model.noise_tensor = none
    model.history_tensors = (none, none, none, none)
    model.max_threads = 64
    model.initial_scale = 1
    model.default_guidance = 1
  }
}

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
    /// For people.
    public var name: String
    /// The program's part of the image's operators.
    public var operators: Range<Int>
    /// The tensor that the sampler writes.
    public var input: Int
    /// The tensor that the sampler reads, or of a decoder the picture.
    public var output: Int
    /// Whether it runs at steps of the sampler or, as the last program of an image, once after them.
    public var role = DRIFT_PROGRAM_DENOISER

    /// Makes a program from its properties.
    public init(
      name: String, operators: Range<Int>, input: Int, output: Int, role: drift_program_role = DRIFT_PROGRAM_DENOISER
    ) {
      self.name = name
      self.role = role
      self.operators = operators
      self.input = input
      self.output = output
    }
  }

  /// An activation. Stride and length in the arena follow from type and shape.
  public struct Tensor: Sendable {
    /// For people.
    public var name: String
    /// How values are stored.
    public var type: drift_type
    /// Bits of `drift_tensor_flags`.
    public var flags: UInt32
    /// Rows of pixels.
    public var height: Int
    /// Pixels of a row.
    public var width: Int
    /// Values of a pixel.
    public var channels: Int
    /// Steps from the least to the greatest value of an int8 tensor; nil: as many as its type and flags allow.
    public var levels: Int?
    /// Set by ``DriftImage/planMemory()``.
    public var arenaOffset: UInt64 = 0

    /// Makes a tensor that has no place in the arena yet.
    public init(name: String, type: drift_type, flags: UInt32 = 0, levels: Int? = nil, height: Int, width: Int, channels: Int) {
      self.name = name
      self.type = type
      self.flags = flags
      self.levels = levels
      self.height = height
      self.width = width
      self.channels = channels
    }

    /// Distance between pixels, in values.
    public var channelStride: Int {
      switch type {
      case DRIFT_TYPE_FLOAT32: channels
      case DRIFT_TYPE_INT32: (channels + 15) / 16 * 16
      default: (channels + 3) / 4 * 4
      }
    }

    /// Bytes in the arena.
    public var byteLength: Int {
      if type == DRIFT_TYPE_EVENTS {
        return Int(clamping: EventLayout(pixels: UInt64(clamping: height * width), channels: UInt64(clamping: channels)).bytes)
      }
      let size = type == DRIFT_TYPE_FLOAT32 || type == DRIFT_TYPE_INT32 ? 4 : type == DRIFT_TYPE_INT8 ? 1 : 2
      return size * height * width * channelStride
    }
  }

  /// An operator. `name` in the record, scratch and reserved fields are filled in by the image.
  public struct Operator: Sendable {
    /// For people.
    public var name: String
    /// Everything else; ``DriftFormat/drift_operator/init(opcode:)`` makes one with all fields absent.
    public var record: drift_operator

    /// Makes an operator from its properties.
    public init(name: String, record: drift_operator) {
      self.name = name
      self.record = record
    }
  }

  /// Bytes that never change: weights, scales, tables.
  public struct Constant: Sendable {
    /// For people.
    public var name: String
    /// What the bytes are.
    public var kind: drift_constant_kind
    /// Output channels, or the number of elements.
    public var outputs: Int
    /// Kernel height times kernel width for weights, otherwise 1.
    public var taps: Int
    /// Input channels for weights, otherwise 1.
    public var inputs: Int
    /// Little-endian; weights as ``WeightPacking/pack(_:outputs:inputs:taps:)`` gives them.
    public var bytes: [UInt8]

    /// Makes a constant from its properties.
    public init(name: String, kind: drift_constant_kind, outputs: Int, taps: Int = 1, inputs: Int = 1, bytes: [UInt8]) {
      self.name = name
      self.kind = kind
      self.outputs = outputs
      self.taps = taps
      self.inputs = inputs
      self.bytes = bytes
    }
  }

  /// Sizes, `step_count`, `group_count`, the decoder and the picture's shape are filled in by `encode`, the memory figures by `planMemory`.
  public var model = drift_model()
  /// One program, or one for each expert.
  public var programs: [Program] = []
  /// Tensors, in any order; other records name them by their position here.
  public var tensors: [Tensor] = []
  /// Operators, each program's in the order in which they run.
  public var operators: [Operator] = []
  /// Constants, in any order; operators name them by their position here.
  public var constants: [Constant] = []
  /// The rows of the sampler, noisiest first.
  public var steps: [drift_step] = []
  /// Scale and zero point, `[group][tensor]`.
  public var quantization: [[drift_quantization]] = []
  /// `[step * max(class_count, 1) + class][step_columns]`.
  public var stepTable: [Int16] = []
  /// Keys and values for people, in any order.
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
    model.class_tensor = none
    model.max_threads = 64
    model.initial_scale = 1
    model.default_guidance = 1
  }
}

import CDriftFormat
import CDriftKernels
import DriftFormat

/// Runs operators for one step and class, as one member of a team. All memory is the arena's; the verifier has proven every access.
struct Executor {
  let file: DriftFile
  let arena: UnsafeMutableRawPointer
  let kernels: UnsafePointer<drift_kernel_set>
  /// Scale and zero point of each tensor in the step's group.
  let quantization: UnsafePointer<drift_quantization>
  /// The step table's row; nil if the table has no columns.
  let stepRow: UnsafePointer<Int16>?
  /// The row's number, and the class's: rows of stored tensors.
  let row: Int, classRow: Int
  let team: Team
  /// Where the copy of the kept tensors lies that this run uses: bytes behind the first copy.
  let keptOffset: Int
  /// Which of the runs for one answer this is; 0 where there is one.
  let spikeStep: Int
  var spiking: SpikingRun

  /// The same as another member.
  func joining(_ team: Team) -> Executor {
    Executor(
      file: file, arena: arena, kernels: kernels, quantization: quantization, stepRow: stepRow, row: row, classRow: classRow,
      team: team, keptOffset: keptOffset, spikeStep: spikeStep, spiking: spiking)
  }

  /// Runs operator `index` of the file; returns when all members have done their shares.
  func run(_ index: Int) {
    let operation = file.operators[index]
    runShare(operation, index)
    team.barrier()
    if operation.opcode == DRIFT_OP_SEND.rawValue { countSent(operation, index) }
  }

  private func runShare(_ operation: drift_operator, _ index: Int) {
    switch operation.opcode {
    case DRIFT_OP_QUANTIZE.rawValue: quantize(operation)
    case DRIFT_OP_CONVOLUTION.rawValue: convolve(operation, index)
    case DRIFT_OP_NORMALIZE.rawValue: normalize(operation)
    case DRIFT_OP_ATTENTION.rawValue: attend(operation)
    case DRIFT_OP_ADD.rawValue: add(operation)
    case DRIFT_OP_AVERAGE_POOL.rawValue: averagePool(operation)
    case DRIFT_OP_UPSAMPLE.rawValue: upsample(operation)
    case DRIFT_OP_CONCATENATE.rawValue: concatenate(operation)
    case DRIFT_OP_ACTIVATE.rawValue: activate(operation)
    case DRIFT_OP_DEPTHWISE.rawValue: convolveDepthwise(operation)
    case DRIFT_OP_MULTIPLY.rawValue: multiply(operation)
    case DRIFT_OP_LOAD.rawValue: load(operation)
    case DRIFT_OP_GATHER.rawValue: gather(operation)
    case DRIFT_OP_CODEBOOK.rawValue: findCodes(operation)
    case DRIFT_OP_SEND.rawValue: send(operation)
    case DRIFT_OP_FIRE.rawValue: fire(operation)
    case DRIFT_OP_DECAY.rawValue: decay(operation)
    default: break
    }
  }

  /// A tensor with its place in memory and its scale.
  struct Operand {
    let base: UnsafeMutableRawPointer
    let type: UInt32
    /// Least and greatest value of an int8 tensor.
    let lowest: Int32, highest: Int32
    let height: Int, width: Int, channels: Int
    /// Values from one pixel to the next.
    let stride: Int
    let bytes: Int
    let scale: Float
    let zeroPoint: Int32

    var pixels: Int { height &* width }
    var isPair: Bool { type == DRIFT_TYPE_INT8_PAIR.rawValue }
    /// All values, padding channels included; of a pair, one plane's.
    var count: Int { pixels &* stride }
    var int8: UnsafeMutablePointer<Int8> { base.assumingMemoryBound(to: Int8.self) }
    var int16: UnsafeMutablePointer<Int16> { base.assumingMemoryBound(to: Int16.self) }
    var float: UnsafeMutablePointer<Float> { base.assumingMemoryBound(to: Float.self) }
    /// Bytes from the high plane of a pair to the low plane.
    var planeBytes: Int { isPair ? bytes / 2 : 0 }
  }

  func operand(_ index: Int32) -> Operand {
    let position = Int(truncatingIfNeeded: index)
    let tensor = file.tensors[position]
    let scale = quantization[position]
    return Operand(
      base: arena + Int(truncatingIfNeeded: tensor.arena_offset) + (tensor.isKept || tensor.isState ? keptOffset : 0),
      type: tensor.type, lowest: tensor.lowest, highest: tensor.highest,
      height: Int(truncatingIfNeeded: tensor.height), width: Int(truncatingIfNeeded: tensor.width),
      channels: Int(truncatingIfNeeded: tensor.channels), stride: Int(truncatingIfNeeded: tensor.channel_stride),
      bytes: Int(truncatingIfNeeded: tensor.byte_length), scale: scale.scale, zeroPoint: scale.zero_point)
  }

  /// Where values of `output` are stored from channel `channel` of pixel `pixel` on, and how.
  func destination(_ output: Operand, channel: Int = 0, pixel: Int = 0) -> drift_destination {
    let type: drift_store_type
    let valueBytes: Int
    var quantizer = drift_quantizer(low: 0, high: 0, zero_point: 0)
    switch output.type {
    case DRIFT_TYPE_INT8.rawValue:
      (type, valueBytes) = (DRIFT_STORE_INT8, 1)
      let zero = drift_f32_from_i32(output.zeroPoint)
      quantizer = drift_quantizer(
        low: drift_f32_from_i32(output.lowest) - zero, high: drift_f32_from_i32(output.highest) - zero,
        zero_point: output.zeroPoint)
    case DRIFT_TYPE_INT16.rawValue:
      (type, valueBytes) = (DRIFT_STORE_INT16, 2)
      quantizer = drift_quantizer(low: -32767, high: 32767, zero_point: 0)
    case DRIFT_TYPE_INT8_PAIR.rawValue:
      (type, valueBytes) = (DRIFT_STORE_PAIR, 1)
      quantizer = drift_quantizer(low: -32639, high: 32639, zero_point: 0)
    default:
      (type, valueBytes) = (DRIFT_STORE_FLOAT, 4)
    }
    let value = pixel &* output.stride &+ channel
    return drift_destination(
      base: output.base + valueBytes &* value, low: output.isPair ? output.int8 + (output.planeBytes &+ value) : nil,
      stride: output.stride, type: type.rawValue, quantizer: quantizer)
  }

  func floats(_ constant: Int32) -> UnsafePointer<Float> {
    file.data(of: Int(truncatingIfNeeded: constant)).assumingMemoryBound(to: Float.self)
  }

  /// This member's scratch.
  func scratch(_ operation: drift_operator) -> UnsafeMutableRawPointer {
    scratch(operation, of: team.member)
  }

  /// Another member's scratch, to read what it left there before a barrier.
  func scratch(_ operation: drift_operator, of member: Int) -> UnsafeMutableRawPointer {
    sharedScratch(operation) + member &* Int(truncatingIfNeeded: file.model.thread_bytes)
  }

  /// The first member's scratch, for what all of them read.
  func sharedScratch(_ operation: drift_operator) -> UnsafeMutableRawPointer {
    arena + Int(truncatingIfNeeded: operation.scratch_offset)
  }
}

extension Int32 {
  /// Whether an index in a record means something, rather than DRIFT_NONE.
  var isPresent: Bool { self >= 0 }
}

extension UnsafeMutableRawPointer {
  /// Part of a scratch area.
  func at<T>(_ offset: UInt64, _ type: T.Type) -> UnsafeMutablePointer<T> {
    (self + Int(truncatingIfNeeded: offset)).assumingMemoryBound(to: type)
  }
}

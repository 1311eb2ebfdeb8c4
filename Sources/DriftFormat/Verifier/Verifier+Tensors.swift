import CDriftFormat

extension Verifier {
  /// Rules 260 to 269 and 276: each tensor by itself, and the order of all.
  func verifyTensors() throws(DriftError) {
    var end: UInt64 = 0
    for index in 0..<file.tensors.count {
      let tensor = file.tensors[index]
      try verifyString(tensor.name, DRIFT_SECTION_TENSORS, index, DRIFT_AT_tensor_name)
      try verifyLayout(of: tensor, index)
      try verifyFlags(of: tensor, index)
      try verifyLevels(of: tensor, index)
      guard tensor.arena_offset % UInt64(DRIFT_ALIGNMENT) == 0 else {
        throw tensorError(
          .tensorMisaligned, index, DRIFT_AT_tensor_arena_offset, expected: UInt64(DRIFT_ALIGNMENT), found: tensor.arena_offset)
      }
      guard tensor.byte_length <= tensorBytes, tensor.arena_offset <= tensorBytes - tensor.byte_length else {
        throw tensorError(
          .tensorOutsideArena, index, DRIFT_AT_tensor_arena_offset, expected: tensorBytes, found: tensor.arena_offset)
      }
      end = max(end, (tensor.arena_offset + tensor.byte_length).roundedUp(to: UInt64(DRIFT_ALIGNMENT)))
    }
    guard end == tensorBytes else {
      let exact = end + file.model.thread_bytes + FormatLimits.arenaTailBytes
      throw modelError(.arenaSizeMismatch, DRIFT_AT_model_arena_bytes, expected: exact, found: file.model.arena_bytes)
    }
    let written = persistentCount + file.operators.count
    guard file.tensors.count == written else {
      throw tensorError(.tensorCountMismatch, 0, 0, expected: UInt64(written), found: UInt64(file.tensors.count))
    }
  }

  /// An error at a field of a tensor.
  func tensorError(_ code: DriftErrorCode, _ index: Int, _ field: Int, expected: UInt64 = 0, found: UInt64) -> DriftError {
    error(code, DRIFT_SECTION_TENSORS, index, field, expected: expected, found: found)
  }

  private func verifyLayout(of tensor: drift_tensor, _ index: Int) throws(DriftError) {
    let size: UInt64
    var block: UInt32 = tensor.type == DRIFT_TYPE_FLOAT32.rawValue ? 1 : 4
    switch tensor.type {
    case DRIFT_TYPE_FLOAT32.rawValue: size = 4
    case DRIFT_TYPE_INT16.rawValue, DRIFT_TYPE_INT8_PAIR.rawValue: size = 2
    case DRIFT_TYPE_INT8.rawValue: size = 1
    case DRIFT_TYPE_INT32.rawValue: (size, block) = (4, UInt32(DRIFT_OUTPUT_BLOCK))
    case DRIFT_TYPE_EVENTS.rawValue: size = 0
    default: throw tensorError(.tensorTypeUnknown, index, DRIFT_AT_tensor_type, found: UInt64(tensor.type))
    }
    try verifyExtent(tensor.height, index, DRIFT_AT_tensor_height)
    try verifyExtent(tensor.width, index, DRIFT_AT_tensor_width)
    try verifyExtent(tensor.channels, index, DRIFT_AT_tensor_channels)
    let stride = (tensor.channels + block - 1) & ~(block - 1)
    guard tensor.channel_stride == stride else {
      throw tensorError(
        .tensorStrideMismatch, index, DRIFT_AT_tensor_channel_stride, expected: UInt64(stride), found: UInt64(tensor.channel_stride)
      )
    }
    // At most 4 * 65535 * 65535 * 65536 < 2^50.
    let pixels = UInt64(tensor.height) * UInt64(tensor.width)
    let length = size == 0 ? EventLayout(pixels: pixels, channels: UInt64(tensor.channels)).bytes : size * pixels * UInt64(stride)
    guard tensor.byte_length == length else {
      throw tensorError(.tensorLengthMismatch, index, DRIFT_AT_tensor_byte_length, expected: length, found: tensor.byte_length)
    }
  }

  private func verifyExtent(_ extent: UInt32, _ index: Int, _ field: Int) throws(DriftError) {
    guard extent >= 1, extent <= FormatLimits.extent else {
      throw tensorError(.tensorShapeOutOfRange, index, field, expected: UInt64(FormatLimits.extent), found: UInt64(extent))
    }
  }

  /// The persistent tensors come first, the state last of them; only int8 tensors are symmetric, only what is neither persistent nor
  /// float32 can be kept, and membranes are always state.
  private func verifyFlags(of tensor: drift_tensor, _ index: Int) throws(DriftError) {
    let persistent = DRIFT_TENSOR_PERSISTENT.rawValue
    let symmetric = DRIFT_TENSOR_SYMMETRIC.rawValue
    var allowed = index < persistentCount ? persistent : 0
    if tensor.type == DRIFT_TYPE_INT8.rawValue { allowed |= symmetric }
    let isListed = tensor.type == DRIFT_TYPE_FLOAT32.rawValue || tensor.type == DRIFT_TYPE_EVENTS.rawValue
    if index >= persistentCount && !isListed { allowed |= DRIFT_TENSOR_KEPT.rawValue }
    if stateTensors.contains(index) { allowed = persistent | DRIFT_TENSOR_STATE.rawValue }
    let isMembrane = tensor.type == DRIFT_TYPE_INT32.rawValue
    let mayBeState = isMembrane || tensor.type == DRIFT_TYPE_INT8.rawValue || tensor.type == DRIFT_TYPE_FLOAT32.rawValue
    guard tensor.flags & ~allowed == 0, isMembrane ? tensor.isState : !tensor.isState || mayBeState else {
      throw tensorError(
        .tensorFlagsInvalid, index, DRIFT_AT_tensor_flags, expected: UInt64(allowed), found: UInt64(tensor.flags))
    }
  }

  /// Rules 260 and 276: int8 tensors alone have levels, and symmetric ones as many below zero as above.
  private func verifyLevels(of tensor: drift_tensor, _ index: Int) throws(DriftError) {
    guard tensor.type == DRIFT_TYPE_INT8.rawValue else {
      guard tensor.levels == 0 else {
        throw tensorError(.tensorLevelsUnused, index, DRIFT_AT_tensor_levels, found: UInt64(tensor.levels))
      }
      return
    }
    let most = FormatLimits.levels(symmetric: tensor.isSymmetric)
    guard tensor.levels >= 1, tensor.levels <= most, !tensor.isSymmetric || tensor.levels % 2 == 0 else {
      throw tensorError(
        .tensorLevelsOutOfRange, index, DRIFT_AT_tensor_levels, expected: UInt64(most), found: UInt64(tensor.levels))
    }
  }

  /// Rules 213 to 217, 220 and 268: the tensors that the sampler reads and writes are float32 pictures of the sample's shape, and they are
  /// exactly the persistent ones (the denoiser's answer aside, which an operator writes).
  func verifySampleTensors() throws(DriftError) {
    let model = file.model
    var named: UInt64 = 0
    try verifyPersistent(model.state_tensor, .stateTensorInvalid, DRIFT_AT_model_state_tensor, &named)

    guard isSample(model.output_tensor), Int(model.output_tensor) >= persistentCount else {
      throw modelError(.outputTensorInvalid, DRIFT_AT_model_output_tensor, found: UInt64(signed: model.output_tensor))
    }
    // Guidance needs an answer for the null class, and nothing else does.
    guard (model.guidance_tensor == .absent) == (model.null_class == .absent) else {
      throw modelError(.guidanceTensorInvalid, DRIFT_AT_model_guidance_tensor, found: UInt64(signed: model.guidance_tensor))
    }
    if model.guidance_tensor != .absent {
      try verifyPersistent(model.guidance_tensor, .guidanceTensorInvalid, DRIFT_AT_model_guidance_tensor, &named)
    }
    if model.noise_tensor != .absent {
      try verifyPersistent(model.noise_tensor, .noiseTensorInvalid, DRIFT_AT_model_noise_tensor, &named)
    }
    if model.class_tensor != .absent {
      try verifyPersistent(model.class_tensor, .classTensorInvalid, DRIFT_AT_model_class_tensor, &named)
    }
    for slot in 0..<Int(DRIFT_MAX_HISTORY) {
      let field = DRIFT_AT_model_history_tensors + slot * 4
      let tensor = model.historyTensor(slot)
      if slot < Int(model.history_count) {
        try verifyPersistent(tensor, .historyTensorInvalid, field, &named)
      } else if tensor != .absent {
        throw modelError(.historyTensorInvalid, field, expected: .max, found: UInt64(signed: tensor))
      }
    }
    for index in 0..<stateTensors.lowerBound where index >= 64 || named & (1 &<< UInt64(index)) == 0 {
      throw tensorError(.tensorNotPersistent, index, DRIFT_AT_tensor_flags, found: UInt64(file.tensors[index].flags))
    }
  }

  /// A tensor of the sampler: persistent, of the sample's shape, and not yet in use for anything else.
  private func verifyPersistent(
    _ tensor: Int32, _ code: DriftErrorCode, _ field: Int, _ named: inout UInt64
  ) throws(DriftError) {
    guard isSample(tensor), tensor < 64, Int(tensor) < stateTensors.lowerBound, named & (1 &<< UInt64(tensor)) == 0 else {
      throw modelError(code, field, expected: UInt64(stateTensors.lowerBound), found: UInt64(signed: tensor))
    }
    named |= 1 &<< UInt64(tensor)
  }

  /// Whether an index names a float32 tensor of the sample's shape.
  func isSample(_ index: Int32) -> Bool {
    isFloat(index, file.model.sample_height, file.model.sample_width, file.model.sample_channels)
  }

  /// Whether an index names a float32 tensor of a shape.
  func isFloat(_ index: Int32, _ height: UInt32, _ width: UInt32, _ channels: UInt32) -> Bool {
    guard index >= 0, Int(index) < file.tensors.count else { return false }
    let tensor = file.tensors[Int(index)]
    return tensor.type == DRIFT_TYPE_FLOAT32.rawValue && tensor.height == height && tensor.width == width
      && tensor.channels == channels
  }

  /// Rules 290 to 292 and 295: one row for each step group; scales within limits, zero points that the type and levels allow.
  func verifyQuantization() throws(DriftError) {
    let count = UInt64(file.model.group_count) * UInt64(file.tensors.count)
    guard UInt64(file.quantization.count) == count else {
      throw error(
        .quantizationSizeMismatch, DRIFT_SECTION_QUANTIZATION, 0, 0, expected: count, found: UInt64(file.quantization.count))
    }
    var entry = 0
    for _ in 0..<Int(file.model.group_count) {
      for index in 0..<file.tensors.count {
        try verifyQuantization(of: file.tensors[index], entry)
        entry += 1
      }
    }
  }

  private func verifyQuantization(of tensor: drift_tensor, _ entry: Int) throws(DriftError) {
    let quantization = file.quantization[entry]
    let isFloat =
      tensor.type == DRIFT_TYPE_FLOAT32.rawValue || tensor.type == DRIFT_TYPE_INT32.rawValue
      || tensor.type == DRIFT_TYPE_EVENTS.rawValue
    guard isFloat ? quantization.scale == 1 : FormatLimits.scales.contains(quantization.scale) else {
      throw error(
        .scaleOutOfRange, DRIFT_SECTION_QUANTIZATION, entry, DRIFT_AT_quantization_scale,
        expected: UInt64(float: isFloat ? 1 : FormatLimits.scales.upperBound), found: UInt64(float: quantization.scale))
    }
    let isCentred = tensor.type != DRIFT_TYPE_INT8.rawValue || tensor.isSymmetric
    let allowed: ClosedRange<Int32> = isCentred ? 0...0 : -128...127
    guard allowed.contains(quantization.zero_point) else {
      throw error(
        .zeroPointOutOfRange, DRIFT_SECTION_QUANTIZATION, entry, DRIFT_AT_quantization_zero_point,
        expected: UInt64(signed: allowed.upperBound), found: UInt64(signed: quantization.zero_point))
    }
    // Padding and what is exactly zero are stored as the zero point, so it has to be a value of the tensor.
    guard isCentred || quantization.zero_point <= tensor.highest else {
      throw error(
        .zeroPointOutsideLevels, DRIFT_SECTION_QUANTIZATION, entry, DRIFT_AT_quantization_zero_point,
        expected: UInt64(signed: tensor.highest), found: UInt64(signed: quantization.zero_point))
    }
  }
}

extension DriftErrorCode {
  /// What is wrong and what to do about it, in a sentence for people.
  public var message: StaticString {
    switch self {
    case .fileTooShort: "the file is shorter than a header; copy it again"
    case .fileMisaligned: "the file does not start at a 64-byte aligned address; map it, or copy it into aligned memory"
    case .magicMismatch: "this is not a .drift file, or a text-mode transfer has damaged it"
    case .byteOrderMismatch: "the file is not little-endian"
    case .versionUnsupported: "the file has another major version; convert the checkpoint again, or update this program"
    case .fileLengthMismatch: "the file is cut off, or bytes were added to it; copy it again"
    case .headerChecksumMismatch: "the header or section table is damaged; copy the file again"
    case .headerReservedNotZero: "a reserved byte of the header is not zero"
    case .featureUnknown: "the file needs a feature that this program does not have; update the program"
    case .featureUnused: "the header asks for kept or state tensors that the file does not have, or does not say that it has any"
    default: recordMessage
    }
  }

  private var recordMessage: StaticString {
    switch self {
    case .sectionCountOutOfRange: "the number of sections is out of range, or their table does not fit the file"
    case .sectionReservedNotZero: "a reserved field of a section is not zero"
    case .sectionKindUnknown: "the file has a required section that this program does not know; update the program"
    case .sectionDuplicate: "a section occurs twice"
    case .sectionMissing: "a section is missing"
    case .sectionMisaligned: "a section does not start at a multiple of 64 bytes"
    case .sectionOutOfBounds: "a section reaches beyond the end of the file"
    case .sectionsOverlap: "two sections overlap, or they are not sorted by offset"
    case .sectionGap: "there are more than 63 bytes between two sections or after the last one"
    case .sectionRecordSizeMismatch: "a section's records have another size than in this version"
    case .sectionLengthMismatch: "a section's length is not its record size times its count"
    case .sectionChecksumMismatch: "a section is damaged; copy the file again"
    case .paddingNotZero: "a padding byte is not zero"
    case .recordCountOutOfRange: "a section has too few or too many records"
    case .stringsUnterminated: "the strings do not begin and end with a zero byte"
    case .stringsNotText: "a string is not UTF-8, or holds a control character"
    case .stringOffsetInvalid: "an offset does not point to the start of a string"
    case .metadataUnordered: "metadata keys are empty, repeated or not in ascending order"
    default: modelMessage
    }
  }

  private var modelMessage: StaticString {
    switch self {
    case .modelReservedNotZero: "a reserved byte of the model is not zero"
    case .modelFlagsUnknown: "the model has flags that this version does not know"
    case .sampleShapeOutOfRange: "an extent of the sample is not in 1...65535"
    case .classCountOutOfRange: "the model has more than 2^20 classes"
    case .nullClassOutOfRange: "the null class is not one of the classes"
    case .stepCountOutOfRange: "the number of steps is out of range, or not that of the step records"
    case .groupCountOutOfRange: "the number of step groups is not in 1...steps"
    case .predictionUnknown: "the kind of prediction is unknown"
    case .trainingStepsOutOfRange: "the number of training steps is not in 1...2^24"
    case .dataRangeInvalid: "the data range is not finite, or not ascending"
    case .initialScaleOutOfRange: "the scale of the starting noise is not in 2^-40...2^20"
    case .guidanceOutOfRange: "the default guidance is not in 0...1024"
    case .threadLimitOutOfRange: "the largest number of threads is not in 1...256"
    case .stateTensorInvalid: "the state is not a persistent float32 tensor of the sample's shape"
    case .outputTensorInvalid: "the answer is not a float32 tensor of the sample's shape that an operator writes"
    case .guidanceTensorInvalid: "the null class's answer needs a persistent float32 tensor, exactly if there is a null class"
    case .noiseTensorInvalid: "noise needs a persistent float32 tensor of its own, exactly if a step adds noise"
    case .historyTensorInvalid: "each history slot, and nothing else, needs a persistent float32 tensor of its own"
    case .historyCountOutOfRange: "there are more than four history slots"
    case .stepTableSizeMismatch: "the step table has not steps * classes * columns values"
    case .classTensorInvalid:
      "the class's last answer needs a persistent float32 tensor of its own, exactly if a step estimates the null class's"
    case .keptBytesMismatch: "the stated size of the kept tensors is not theirs"
    case .pictureShapeInvalid: "an extent of the picture is not in 1...65535 or, without a decoder, not the sample's"
    case .decoderProgramInvalid: "the decoder is not the last of several programs"
    case .spikeStepsOutOfRange: "there are more than 1024 spiking steps, or some without neurons"
    case .programRoleInvalid: "a program's role is unknown, or it is a decoder other than the one that the model names"
    case .programRangeInvalid: "the programs do not share out all operators one behind the other"
    case .programInputInvalid: "a program's input is not the state"
    case .programOutputInvalid:
      "a program's output is not an answer, or of the decoder not a picture, that one of its operators writes"
    case .keptProgramsTooMany: "a file with kept tensors has more than four programs besides the decoder"
    case .keptProgramReadsNothing: "a program after the first reads no kept tensor, although the file has some"
    default: tensorMessage
    }
  }

  private var tensorMessage: StaticString {
    switch self {
    case .tensorLevelsUnused: "a tensor that is not int8 has levels"
    case .tensorTypeUnknown: "a tensor's type is unknown"
    case .tensorFlagsInvalid: "a tensor has unknown flags, persists or is kept where it must not, or is symmetric but not int8"
    case .tensorShapeOutOfRange: "an extent of a tensor is not in 1...65535"
    case .tensorStrideMismatch: "a tensor's channel stride is not the one of its type"
    case .tensorLengthMismatch: "a tensor's length does not follow from its type and shape"
    case .tensorMisaligned: "a tensor does not start at a multiple of 64 bytes"
    case .tensorOutsideArena: "a tensor reaches beyond the arena's part for tensors"
    case .tensorNotPersistent: "a persistent tensor serves no purpose of the sampler"
    case .tensorCountMismatch: "there is not one tensor for each operator after the persistent ones"
    case .keptTensorsTooMany: "the file has more than 16 kept tensors"
    case .keptTensorMisplaced: "a kept tensor is not behind the one before it at the arena's start, or another tensor lies there"
    case .keptTensorWriterInvalid: "a kept tensor is not written by the first program"
    case .keptTensorUnread: "no other program reads a kept tensor"
    case .stateOwnerInvalid: "state tensors do not belong to one operator each, in the order of the operators"
    case .stateProgramsTooMany: "a file with state tensors has more than one denoiser"
    case .tensorLevelsOutOfRange: "the levels of an int8 tensor are not in 1...255 or, of a symmetric one, not even in 2...254"
    case .quantizationSizeMismatch: "there is not one scale for each tensor in each step group"
    case .scaleOutOfRange: "a scale is not in 2^-40...2^20, or not 1 for float32"
    case .zeroPointOutOfRange: "a zero point is not allowed by the tensor's type, or is not -128 for spikes"
    case .scalesDiffer: "a copying operator has different scales for input and output"
    case .keptScalesDiffer: "a kept tensor has another scale in another step group"
    case .zeroPointOutsideLevels: "a zero point is not one of the tensor's levels"
    case .constantReservedNotZero: "a reserved field of a constant is not zero"
    case .constantKindUnknown: "a constant's kind is unknown"
    case .constantShapeOutOfRange: "an extent of a constant is not allowed for its kind"
    case .constantLengthMismatch: "a constant's length does not follow from its kind and shape"
    case .constantMisplaced: "the constants do not fill the data section one behind the other"
    case .constantOrderInvalid: "constants are not in the order of first use, one is unused, or one that is no table is used twice"
    case .weightOutOfRange: "a weight is -128"
    case .weightPaddingNotZero: "a weight of a padding channel is not zero"
    case .weightSumMismatch: "a stored sum is not the sum of the channel's weights"
    case .accumulatorOverflow: "a channel's weights could overflow a 32-bit accumulator"
    case .floatInvalid: "a float constant is infinite, not a number, or between zero and 2^-100"
    case .floatOutOfRange: "a float constant is beyond the limit of its role"
    case .bumpInvalid: "a bump's limit or polynomial is out of range, or its last two entries are not zero"
    case .expTableInvalid: "an exponential table does not start at 255 or rises"
    case .sharedConstantInvalid: "a program uses constants of an earlier one twice, or in another order"
    case .storedValueOutOfRange: "a stored value or code is not allowed by its type"
    case .rowsMismatch: "rows of weights are not the convolution's weights"
    case .gatherIndexInvalid: "a gather reads channels that its inputs do not have side by side in one pixel"
    default: operatorMessage
    }
  }

  private var operatorMessage: StaticString {
    switch self {
    case .operatorModeUnknown: "an operator's mode is unknown"
    case .opcodeUnknown: "an operator's code is unknown; update the program"
    case .operatorFieldUnused: "a field that the operator does not use is set"
    case .operatorInputMissing: "an operator lacks an input"
    case .operatorInputInvalid: "an operator reads a tensor that its program has not written before"
    case .operatorOutputInvalid: "operators do not write the tensors in order, each once"
    case .operatorConstantInvalid: "an operator lacks a constant, or names one that does not exist"
    case .inputTypeMismatch: "an input's type or symmetry is not allowed for the operator"
    case .outputTypeMismatch: "the output's type or symmetry is not allowed for the operator"
    case .inputShapeMismatch: "an input's shape does not fit the other inputs or the output"
    case .outputShapeMismatch: "the output's shape does not follow from inputs and attributes"
    case .constantKindMismatch: "a constant is of another kind than the operator needs"
    case .constantShapeMismatch: "a constant's shape does not fit the operator"
    case .kernelOutOfRange: "a kernel extent is not in 1...255"
    case .strideOutOfRange: "the stride is not in 1...255"
    case .paddingOutOfRange: "the padding is not smaller than the kernel"
    case .upsampleOutOfRange: "the upsampling is unknown, or by phases without whole blocks of 16 channels"
    case .activationUnknown: "the activation is unknown"
    case .groupsInvalid: "the groups do not divide the channels"
    case .headsInvalid: "the heads do not divide the channels"
    case .epsilonOutOfRange: "epsilon is not in 2^-40...1"
    case .gainOutOfRange: "a gain is beyond the limits of its operator"
    case .stepColumnOutOfRange: "an operator reads columns that the step table does not have"
    case .stepScaleOutOfRange: "the scale of the step table's values is out of range"
    case .attentionTooLong: "an attention has more than 66311 keys"
    case .gateColumnOutOfRange: "an operator takes its gate from columns that the step table does not have"
    case .gateScaleOutOfRange: "the scale of a gate is not in 2^-40...2^-7"
    case .loadRowsMismatch: "a stored tensor has not one row, one for each class, or one for each step and class, as its mode asks"
    case .decoderReadsStep: "the decoder reads values of a step"
    case .eventsInvalid: "a convolution has membranes without the events of the tracer that it reads, or events without membranes"
    case .thresholdOutOfRange: "a threshold is not below the levels of its tensor, so nothing would ever be sent"
    case .fireThresholdOutOfRange: "a threshold of neurons is not 1...2^21 units of their currents"
    case .neuronOutsideSteps: "neurons, or a sum of their steps, are in a file without spiking steps or in the decoder"
    case .decayOutOfRange: "the factor of earlier spiking steps is not in 0...1"
    default: planMessage
    }
  }

  private var planMessage: StaticString {
    switch self {
    case .arenaTooLarge: "the arena with all threads is beyond 2^31 - 64 bytes"
    case .arenaSizeMismatch: "the arena's size is not the end of its tensors plus scratch and tail"
    case .tensorsOverlap: "two tensors that are needed at the same time share bytes"
    case .tensorUnused: "nothing reads a tensor that an operator writes"
    case .liveSetTooLarge: "more than 1024 tensors are needed at the same time"
    case .scratchTooSmall: "an operator has less scratch than the engine needs"
    case .scratchMisplaced: "scratch does not lie behind the tensors, or is not whole cache lines"
    case .threadBytesMismatch: "the memory of a thread is not the largest scratch"
    case .lowerBoundMismatch: "the stated lower bound is not the largest live set"
    case .outputScaleOutOfRange: "the factor of the denoiser's answer is zero or out of range"
    case .stepFlagsUnknown: "a step has flags that this version does not know"
    case .timestepOutOfRange: "a timestep's magnitude is not below the training steps"
    case .timestepsUnordered: "the timesteps neither fall nor rise all the way"
    case .stepGroupInvalid: "the step groups are not contiguous runs that use every group"
    case .stepProgramOutOfRange: "a step names a program that does not exist"
    case .coefficientOutOfRange: "a sampler coefficient is not finite, too small or too large"
    case .coefficientUnused: "a coefficient belongs to a tensor that the model does not have"
    case .clipRangeInvalid: "the clip range is not ascending, or set without the flag"
    case .stepGuidanceInvalid: "a step's guidance is not 0 or 1"
    case .historySlotInvalid: "a step writes a history slot or source that does not exist"
    case .historyUnwritten: "a step reads a history slot before any step has written it"
    case .stepRowOutOfRange: "a step names a row that the step table does not have"
    case .nullSourceInvalid:
      "a step's source of the null class's answer is unknown, or the step or model has no use for an estimate"
    case .estimateUnused: "a factor of an estimate is set in a step that estimates nothing"
    case .estimateOutOfRange: "a factor of an estimate is not finite, too small, or beyond 1024"
    case .estimateUnfounded: "a step estimates the null class's answer before any step has evaluated it"
    case .keptTensorsUnwritten: "a step reads kept tensors before any step has written them"
    case .stepRunsDecoder: "a step runs the decoder"
    default: sessionMessage
    }
  }

  private var sessionMessage: StaticString {
    switch self {
    case .arenaTooSmall: "the arena is too small; give at least the expected number of bytes"
    case .arenaMisaligned: "the arena does not start at a multiple of 64 bytes"
    case .cancelled: "the caller has cancelled the work"
    case .badClass: "the class does not exist in this model"
    case .badStep: "the step does not exist in this model"
    case .badNoise: "the starting noise has another size than the sample, or is not finite"
    case .badThreads: "the number of threads is not in the model's range"
    case .badGuidance: "guidance is not in 0...1024, or the model has no null class to guide away from"
    case .outputTooSmall: "the buffer for the result is too small"
    case .badKernel: "the kernel does not exist on this CPU"
    case .mapFailed: "the file could not be opened or mapped"
    case .notRegularFile: "the path does not name a regular file"
    case .threadFailed: "the system refused a thread"
    case .allocationFailed: "the system refused memory"
    case .outputFailed: "the result could not be written"
    case .badArgument: "an argument is missing or malformed"
    default: "unknown error"
    }
  }
}

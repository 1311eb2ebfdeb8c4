/// One code for each rule of `docs/format.md` and for each way in which a session can refuse a request.
///
/// The numbers are stable: they are the status codes of the C interface, and other implementations may rely on them.
public enum DriftErrorCode: Int32, Error, Sendable {
  // MARK: Header
  case fileTooShort = 100
  case fileMisaligned = 101
  case magicMismatch = 102
  case byteOrderMismatch = 103
  case versionUnsupported = 104
  case fileLengthMismatch = 105
  case headerChecksumMismatch = 106
  case headerReservedNotZero = 107
  case featureUnknown = 108
  case featureUnused = 109

  // MARK: Section table
  case sectionCountOutOfRange = 120
  case sectionReservedNotZero = 121
  case sectionKindUnknown = 122
  case sectionDuplicate = 123
  case sectionMissing = 124
  case sectionMisaligned = 125
  case sectionOutOfBounds = 126
  case sectionsOverlap = 127
  case sectionGap = 128
  case sectionRecordSizeMismatch = 129
  case sectionLengthMismatch = 130
  case sectionChecksumMismatch = 131
  case paddingNotZero = 132
  case recordCountOutOfRange = 133

  // MARK: Strings and metadata
  case stringsUnterminated = 150
  case stringsNotText = 151
  case stringOffsetInvalid = 152
  case metadataUnordered = 153

  // MARK: Model
  case modelReservedNotZero = 200
  case modelFlagsUnknown = 201
  case sampleShapeOutOfRange = 202
  case classCountOutOfRange = 203
  case nullClassOutOfRange = 204
  case stepCountOutOfRange = 205
  case groupCountOutOfRange = 206
  case predictionUnknown = 207
  case trainingStepsOutOfRange = 208
  case dataRangeInvalid = 209
  case initialScaleOutOfRange = 210
  case guidanceOutOfRange = 211
  case threadLimitOutOfRange = 212
  case stateTensorInvalid = 213
  case outputTensorInvalid = 214
  case guidanceTensorInvalid = 215
  case noiseTensorInvalid = 216
  case historyTensorInvalid = 217
  case historyCountOutOfRange = 218
  case stepTableSizeMismatch = 219
  case classTensorInvalid = 220
  case keptBytesMismatch = 221
  case pictureShapeInvalid = 222
  case decoderProgramInvalid = 223
  case spikeStepsOutOfRange = 224

  // MARK: Programs
  case programRoleInvalid = 240
  case programRangeInvalid = 241
  case programInputInvalid = 242
  case programOutputInvalid = 243
  case keptProgramsTooMany = 244
  case keptProgramReadsNothing = 245

  // MARK: Tensors
  case tensorLevelsUnused = 260
  case tensorTypeUnknown = 261
  case tensorFlagsInvalid = 262
  case tensorShapeOutOfRange = 263
  case tensorStrideMismatch = 264
  case tensorLengthMismatch = 265
  case tensorMisaligned = 266
  case tensorOutsideArena = 267
  case tensorNotPersistent = 268
  case tensorCountMismatch = 269
  case keptTensorsTooMany = 270
  case keptTensorMisplaced = 271
  case keptTensorWriterInvalid = 272
  case keptTensorUnread = 273
  case stateOwnerInvalid = 274
  case stateProgramsTooMany = 275
  case tensorLevelsOutOfRange = 276

  // MARK: Quantization
  case quantizationSizeMismatch = 290
  case scaleOutOfRange = 291
  case zeroPointOutOfRange = 292
  case scalesDiffer = 293
  case keptScalesDiffer = 294
  case zeroPointOutsideLevels = 295

  // MARK: Constants
  case constantReservedNotZero = 320
  case constantKindUnknown = 321
  case constantShapeOutOfRange = 322
  case constantLengthMismatch = 323
  case constantMisplaced = 324
  case constantOrderInvalid = 325
  case weightOutOfRange = 326
  case weightPaddingNotZero = 327
  case weightSumMismatch = 328
  case accumulatorOverflow = 329
  case floatInvalid = 330
  case floatOutOfRange = 331
  case expTableInvalid = 332
  case bumpInvalid = 333
  case sharedConstantInvalid = 334
  case storedValueOutOfRange = 335
  case gatherIndexInvalid = 336
  case rowsMismatch = 337

  // MARK: Operators
  case operatorModeUnknown = 360
  case opcodeUnknown = 361
  case operatorFieldUnused = 362
  case operatorInputMissing = 363
  case operatorInputInvalid = 364
  case operatorOutputInvalid = 365
  case operatorConstantInvalid = 366
  case inputTypeMismatch = 367
  case outputTypeMismatch = 368
  case inputShapeMismatch = 369
  case outputShapeMismatch = 370
  case constantKindMismatch = 371
  case constantShapeMismatch = 372
  case kernelOutOfRange = 373
  case strideOutOfRange = 374
  case paddingOutOfRange = 375
  case upsampleOutOfRange = 376
  case activationUnknown = 377
  case groupsInvalid = 378
  case headsInvalid = 379
  case epsilonOutOfRange = 380
  case gainOutOfRange = 381
  case stepColumnOutOfRange = 382
  case stepScaleOutOfRange = 383
  case attentionTooLong = 384
  case gateColumnOutOfRange = 385
  case gateScaleOutOfRange = 386
  case loadRowsMismatch = 387
  case decoderReadsStep = 388
  case eventsInvalid = 389
  case thresholdOutOfRange = 390
  case fireThresholdOutOfRange = 391
  case neuronOutsideSteps = 392
  case decayOutOfRange = 393

  // MARK: Memory plan
  case arenaTooLarge = 400
  case arenaSizeMismatch = 401
  case tensorsOverlap = 402
  case tensorUnused = 403
  case liveSetTooLarge = 404
  case scratchTooSmall = 405
  case scratchMisplaced = 406
  case threadBytesMismatch = 407
  case lowerBoundMismatch = 408

  // MARK: Steps
  case outputScaleOutOfRange = 420
  case stepFlagsUnknown = 421
  case timestepOutOfRange = 422
  case timestepsUnordered = 423
  case stepGroupInvalid = 424
  case stepProgramOutOfRange = 425
  case coefficientOutOfRange = 426
  case coefficientUnused = 427
  case clipRangeInvalid = 428
  case stepGuidanceInvalid = 429
  case historySlotInvalid = 430
  case historyUnwritten = 431
  case stepRowOutOfRange = 432
  case keptTensorsUnwritten = 433
  case stepRunsDecoder = 434
  case nullSourceInvalid = 440
  case estimateUnused = 441
  case estimateOutOfRange = 442
  case estimateUnfounded = 443

  // MARK: Sessions and requests
  case arenaTooSmall = 900
  case arenaMisaligned = 901
  case cancelled = 902
  case badClass = 903
  case badStep = 904
  case badNoise = 905
  case badThreads = 906
  case badGuidance = 907
  case outputTooSmall = 908
  case badKernel = 909
  case mapFailed = 920
  case notRegularFile = 921
  case threadFailed = 922
  case allocationFailed = 923
  case outputFailed = 924
  case badArgument = 925
}

// A list of all cases is an array, which boards do not have.
#if !hasFeature(Embedded)
  extension DriftErrorCode: CaseIterable {}
#endif

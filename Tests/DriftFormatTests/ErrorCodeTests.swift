import DriftFormat
import Testing

@Suite struct ErrorCodeTests {
  @Test func everyCodeHasItsOwnMessage() {
    let messages = DriftErrorCode.allCases.map { $0.message.description }
    #expect(Set(messages).count == messages.count)
    #expect(!messages.contains("unknown error"))
  }

  /// The numbers are the status codes of the C interface: these may never change.
  @Test func numbersAreStable() {
    #expect(DriftErrorCode.fileTooShort.rawValue == 100)
    #expect(DriftErrorCode.sectionCountOutOfRange.rawValue == 120)
    #expect(DriftErrorCode.stringsUnterminated.rawValue == 150)
    #expect(DriftErrorCode.modelReservedNotZero.rawValue == 200)
    #expect(DriftErrorCode.programRoleInvalid.rawValue == 240)
    #expect(DriftErrorCode.tensorLevelsUnused.rawValue == 260)
    #expect(DriftErrorCode.quantizationSizeMismatch.rawValue == 290)
    #expect(DriftErrorCode.constantReservedNotZero.rawValue == 320)
    #expect(DriftErrorCode.operatorModeUnknown.rawValue == 360)
    #expect(DriftErrorCode.arenaTooLarge.rawValue == 400)
    #expect(DriftErrorCode.outputScaleOutOfRange.rawValue == 420)
    #expect(DriftErrorCode.arenaTooSmall.rawValue == 900)
  }
}

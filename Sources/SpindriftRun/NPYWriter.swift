import DriftFormat
import DriftTool

/// The header of a NumPy array file with float32 values of four dimensions, byte for byte as NumPy writes it.
struct NPYWriter {
  private static let headerBytes = 128

  private var header = InlineArray<128, UInt8>(repeating: 32)
  private var position = 0

  init(_ a: Int, _ b: Int, _ c: Int, _ d: Int) {
    append(byte: 0x93)
    append("NUMPY")
    append(byte: 1)
    append(byte: 0)
    append(byte: UInt8(Self.headerBytes - 10))
    append(byte: 0)
    append("{'descr': '<f4', 'fortran_order': False, 'shape': (")
    append(a)
    append(", ")
    append(b)
    append(", ")
    append(c)
    append(", ")
    append(d)
    append("), }")
    position = Self.headerBytes - 1
    append(byte: 10)
  }

  /// The bytes that go before the values.
  func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws(ExitStatus) -> R) throws(ExitStatus) -> R {
    var result: R?
    var failure: ExitStatus?
    header.span.withUnsafeBytes { bytes in
      do throws(ExitStatus) { result = try body(bytes) } catch { failure = error }
    }
    if let failure { throw failure }
    guard let result else { throw .failed }
    return result
  }

  private mutating func append(byte: UInt8) {
    header[position] = byte
    position += 1
  }

  private mutating func append(_ text: StaticString) {
    for index in 0..<text.utf8CodeUnitCount { append(byte: text.utf8Start[index]) }
  }

  private mutating func append(_ number: Int) {
    DecimalDigits(UInt64(number)).withBytes { for digit in $0 { append(byte: digit) } }
  }
}

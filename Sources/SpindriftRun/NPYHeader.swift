import DriftFormat

/// The header of a NumPy array file (NEP 1), for float32 in C order with up to four dimensions.
struct NPYHeader {
  /// Why a header is refused.
  enum Refusal: Error {
    case notNPY, truncated, malformed, notFloat32, fortranOrder, tooManyDimensions, otherShape

    var message: StaticString {
      switch self {
      case .notNPY: "is not a .npy file"
      case .truncated: "is cut short"
      case .malformed: "has a header that cannot be read"
      case .notFloat32: "does not hold little-endian float32; convert it with .astype('<f4')"
      case .fortranOrder: "is in Fortran order; convert it with numpy.ascontiguousarray"
      case .tooManyDimensions: "has more than four dimensions"
      case .otherShape: "has another shape than the model's samples, "
      }
    }
  }

  /// The dimensions; the first `rank` count.
  private(set) var shape = InlineArray<4, Int>(repeating: 0)
  private(set) var rank = 0
  /// Where the values begin.
  private(set) var dataOffset = 0

  init(parsing bytes: UnsafeRawBufferPointer) throws(Refusal) {
    let name: StaticString = "NUMPY"
    guard bytes.count >= 10, bytes[0] == 0x93 else { throw .notNPY }
    for index in 0..<5 where bytes[index + 1] != name.utf8Start[index] { throw .notNPY }
    let short = bytes[6] == 1
    guard short || bytes[6] == 2 || bytes[6] == 3, short || bytes.count >= 12 else { throw .notNPY }
    var length = Int(bytes[8]) | Int(bytes[9]) << 8
    if !short {
      guard bytes[11] == 0 else { throw .malformed }
      length |= Int(bytes[10]) << 16
    }
    dataOffset = (short ? 10 : 12) + length
    guard dataOffset <= bytes.count else { throw .truncated }
    var scanner = NPYScanner(UnsafeRawBufferPointer(rebasing: bytes[(short ? 10 : 12)..<dataOffset]))
    try parse(&scanner)
    guard let values = valueCount, values <= (bytes.count - dataOffset) / 4 else { throw .truncated }
  }

  /// How many values the shape makes; nil if uncountable.
  var valueCount: Int? {
    var count = 1
    for index in 0..<rank {
      let (product, overflow) = count.multipliedReportingOverflow(by: shape[index])
      if overflow { return nil }
      count = product
    }
    return count
  }

  private mutating func parse(_ scanner: inout NPYScanner) throws(Refusal) {
    var seen = 0
    guard scanner.take("{") else { throw .malformed }
    while !scanner.take("}") {
      if scanner.take("'descr'"), scanner.take(":") {
        guard scanner.take("'<f4'") else { throw .notFloat32 }
        seen |= 1
      } else if scanner.take("'fortran_order'"), scanner.take(":") {
        if scanner.take("True") { throw .fortranOrder }
        guard scanner.take("False") else { throw .malformed }
        seen |= 2
      } else if scanner.take("'shape'"), scanner.take(":") {
        try parseShape(&scanner)
        seen |= 4
      } else {
        throw .malformed
      }
      _ = scanner.take(",")
    }
    guard seen == 7 else { throw .malformed }
  }

  private mutating func parseShape(_ scanner: inout NPYScanner) throws(Refusal) {
    guard scanner.take("(") else { throw .malformed }
    rank = 0
    while !scanner.take(")") {
      guard let dimension = scanner.takeNumber() else { throw .malformed }
      guard rank < 4 else { throw .tooManyDimensions }
      shape[rank] = dimension
      rank += 1
      _ = scanner.take(",")
    }
  }
}

import Foundation

/// The table of contents of a zip file, as `torch.save` writes it: entries are stored, and those that are compressed are only listed.
///
/// The entries' bytes stay where they are in the mapped file; no zip library offers that. Every offset and length is checked: entries lie
/// inside the file, in front of the table, apart from each other, under one name each, which their local headers repeat.
struct ZipDirectory {
  /// Where the bytes of each entry lie in the file.
  let entries: [String: Range<Int>]
  /// Names of the entries that are compressed, whose bytes cannot be used as they lie.
  let compressed: [String]
  private let path: String

  /// End record, table entry and local header without their variable parts.
  private static let (endLength, recordLength, localLength) = (22, 46, 30)

  init(_ bytes: UnsafeRawBufferPointer, _ path: String) throws(ImportError) {
    self.path = path
    let reader = Reader(bytes: bytes, path: path)
    let table = try Self.table(reader)
    var found: [(name: String, header: Int, range: Range<Int>)] = []
    var compressed: [String] = []
    var position = table.range.lowerBound
    while position < table.range.upperBound {
      let record = try Self.record(reader, at: position, end: table.range.upperBound)
      position = record.next
      let start = try Self.dataStart(reader, record)
      guard record.size <= table.range.lowerBound - start else {
        throw ImportError(
          path, "is cut off or damaged: its entry '\(record.name)' of \(record.size) bytes reaches past the entries' end")
      }
      found.append((record.name, record.header, start..<start + record.size))
      if record.method != 0 { compressed.append(record.name) }
    }
    guard found.count == table.count else {
      throw ImportError(path, "is damaged: its zip table has \(found.count) entries, its end record says \(table.count)")
    }
    found.sort { ($0.header, $0.range.upperBound) < ($1.header, $1.range.upperBound) }
    for (one, other) in zip(found, found.dropFirst()) where one.range.upperBound > other.header {
      throw ImportError(path, "is damaged: its entries '\(one.name)' and '\(other.name)' overlap")
    }
    var entries: [String: Range<Int>] = [:]
    for entry in found {
      guard entries.updateValue(entry.range, forKey: entry.name) == nil else {
        throw ImportError(path, "has two entries called '\(entry.name)'")
      }
    }
    self.entries = entries
    self.compressed = compressed
  }

  /// Finds the table by the record at the file's end, which the zip64 form extends.
  private static func table(_ reader: Reader) throws(ImportError) -> (range: Range<Int>, count: UInt64) {
    let size = reader.bytes.count
    var end = size - endLength
    let earliest = max(0, end - 0xFFFF)
    while end >= earliest {
      // The comment behind the record has to end where the file does.
      if try reader.u32(end) == 0x0605_4B50, Int(try reader.u16(end + 20)) == size - end - endLength { break }
      end -= 1
    }
    guard end >= earliest, end >= 0 else {
      throw ImportError(reader.path, "is cut off: a zip archive ends with a record of its entries, and this file does not")
    }
    var count = UInt64(try reader.u16(end + 10))
    var length = UInt64(try reader.u32(end + 12))
    var start = UInt64(try reader.u32(end + 16))
    var limit = end
    guard try reader.u16(end + 4) == 0, try reader.u16(end + 6) == 0 else {
      throw ImportError(reader.path, "is one part of a zip archive in several parts; join them first")
    }
    if end >= 20, try reader.u32(end - 20) == 0x0706_4B50 {
      let record = try reader.u64(end - 12)
      guard record <= UInt64(end - 20), end - 20 - Int(record) >= 56, try reader.u32(Int(record)) == 0x0606_4B50 else {
        throw ImportError(reader.path, "is damaged: its zip64 end record is not where its locator says")
      }
      limit = Int(record)
      count = try reader.u64(limit + 32)
      length = try reader.u64(limit + 40)
      start = try reader.u64(limit + 48)
    }
    guard start <= UInt64(limit), length == UInt64(limit) - start else {
      throw ImportError(
        reader.path,
        "is damaged: its zip table should begin at byte \(start) and take \(length) bytes, its end record lies at \(limit)")
    }
    return (Int(start)..<limit, count)
  }

  /// What the table says about an entry.
  private struct Record {
    var name: String
    /// Where the local header lies.
    var header: Int
    var size: Int
    /// 0: stored as it is.
    var method: UInt16
    /// Where the next record begins.
    var next: Int
  }

  private static func record(_ reader: Reader, at start: Int, end: Int) throws(ImportError) -> Record {
    guard end - start >= recordLength, try reader.u32(start) == 0x0201_4B50 else {
      throw ImportError(reader.path, "is damaged: byte \(start) of its zip table begins no entry")
    }
    let nameLength = Int(try reader.u16(start + 28))
    let extraLength = Int(try reader.u16(start + 30))
    let next = start + recordLength + nameLength + extraLength + Int(try reader.u16(start + 32))
    guard next <= end else { throw ImportError(reader.path, "is damaged: an entry of its zip table reaches past the table's end") }
    let name = try reader.name(start + recordLength, nameLength)
    guard try reader.u16(start + 8) & 1 == 0 else {
      throw ImportError(reader.path, "its entry '\(name)' is encrypted; save it without a password")
    }
    let method = try reader.u16(start + 10)
    var fields = [UInt64(try reader.u32(start + 24)), UInt64(try reader.u32(start + 20)), UInt64(try reader.u32(start + 42))]
    if fields.contains(0xFFFF_FFFF) {
      try reader.extend(&fields, start + recordLength + nameLength, extraLength, name)
    }
    guard method != 0 || fields[0] == fields[1] else {
      throw ImportError(reader.path, "its entry '\(name)' has \(fields[0]) bytes stored in \(fields[1]), yet is not compressed")
    }
    guard let size = Int(exactly: fields[1]), let header = Int(exactly: fields[2]), size <= reader.bytes.count,
      header <= reader.bytes.count
    else {
      throw ImportError(
        reader.path, "is cut off or damaged: its entry '\(name)' should have \(fields[1]) bytes from byte \(fields[2]) on")
    }
    return Record(name: name, header: header, size: size, method: method, next: next)
  }

  /// Where an entry's bytes begin: after its local header, whose padding aligns them.
  private static func dataStart(_ reader: Reader, _ record: Record) throws(ImportError) -> Int {
    guard try reader.u32(record.header) == 0x0403_4B50 else {
      throw ImportError(
        reader.path, "is damaged: its entry '\(record.name)' should begin at byte \(record.header), where no entry begins")
    }
    let nameLength = Int(try reader.u16(record.header + 26))
    let repeated = try reader.name(record.header + localLength, nameLength)
    guard repeated == record.name else {
      throw ImportError(reader.path, "calls one entry '\(record.name)' in its table and '\(repeated)' where it lies")
    }
    guard try reader.u16(record.header + 8) == record.method else {
      throw ImportError(
        reader.path, "says of its entry '\(record.name)' once that it is compressed and once that it is not")
    }
    let start = record.header + localLength + nameLength + Int(try reader.u16(record.header + 28))
    guard start <= reader.bytes.count else {
      throw ImportError(reader.path, "is cut off in its entry '\(record.name)'")
    }
    return start
  }
}

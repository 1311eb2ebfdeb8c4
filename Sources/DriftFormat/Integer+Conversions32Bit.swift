// Conversions that the standard library of Swift 6.3 offers on 32-bit platforms only as generic word loops, which drag in an array
// type that `-no-allocations` refuses (and which are slow). Concrete overloads win over generic ones, so code is written as usual.
#if _pointerBitWidth(_32)
  extension UInt64 {
    @inline(__always) package init(_ value: UInt32) { self = unsafeBitCast((value, UInt32(0)), to: UInt64.self) }
    @inline(__always) package init(_ value: UInt16) { self.init(UInt32(value)) }
    @inline(__always) package init(_ value: UInt8) { self.init(UInt32(value)) }
    @inline(__always) package init(_ value: UInt) { self.init(UInt32(truncatingIfNeeded: value)) }
    @inline(__always) package init(_ value: Int) { self.init(UInt32(value)) }
    @inline(__always) package init(_ value: Int32) { self.init(UInt32(value)) }
    @inline(__always) package init(truncatingIfNeeded value: UInt32) { self.init(value) }
    @inline(__always) package init(truncatingIfNeeded value: UInt8) { self.init(UInt32(value)) }
    @inline(__always) package init(truncatingIfNeeded value: Int32) { self.init(bitPattern: Int64(value)) }
    @inline(__always) package init(truncatingIfNeeded value: Int) { self.init(bitPattern: Int64(value)) }
    @inline(__always) package init(truncatingIfNeeded value: UInt) { self.init(value) }
    @inline(__always) package static func << (value: UInt64, count: Int) -> UInt64 { shifted(value, left: count) }
    @inline(__always) package static func >> (value: UInt64, count: Int) -> UInt64 { shifted(value, left: 0 &- count) }
    @inline(__always) package static func &<< (value: UInt64, count: Int) -> UInt64 { value &<< UInt64(truncatingIfNeeded: count) }
    @inline(__always) package static func &>> (value: UInt64, count: Int) -> UInt64 { value &>> UInt64(truncatingIfNeeded: count) }

    @inline(__always)
    private static func shifted(_ value: UInt64, left count: Int) -> UInt64 {
      if count <= -64 || count >= 64 { return 0 }
      return count >= 0 ? value &<< UInt64(truncatingIfNeeded: count) : value &>> UInt64(truncatingIfNeeded: 0 &- count)
    }

    @inline(__always)
    package func isMultiple(of other: UInt64) -> Bool { other == 0 ? self == 0 : self % other == 0 }
  }

  extension Int64 {
    @inline(__always) package init(_ value: Int32) { self = unsafeBitCast((value, value &>> 31), to: Int64.self) }
    @inline(__always) package init(_ value: Int16) { self.init(Int32(value)) }
    @inline(__always) package init(_ value: Int8) { self.init(Int32(value)) }
    @inline(__always) package init(_ value: UInt8) { self.init(Int32(value)) }
    @inline(__always) package init(_ value: UInt16) { self.init(Int32(value)) }
    @inline(__always) package init(_ value: UInt32) { self.init(bitPattern: UInt64(value)) }
    @inline(__always) package init(_ value: Int) { self.init(Int32(truncatingIfNeeded: value)) }
    @inline(__always) package init(truncatingIfNeeded value: Int32) { self.init(value) }
    @inline(__always) package init(truncatingIfNeeded value: UInt32) { self.init(value) }
    @inline(__always) package init(truncatingIfNeeded value: Int) { self.init(value) }
    @inline(__always) package static func << (value: Int64, count: Int) -> Int64 {
      Int64(bitPattern: UInt64(bitPattern: value) << count)
    }
    @inline(__always) package static func >> (value: Int64, count: Int) -> Int64 { shifted(value, right: count) }
    @inline(__always) package static func &<< (value: Int64, count: Int) -> Int64 { value &<< Int64(count) }
    @inline(__always) package static func &>> (value: Int64, count: Int) -> Int64 { value &>> Int64(count) }

    @inline(__always)
    private static func shifted(_ value: Int64, right count: Int) -> Int64 {
      if count < 0 { return value << (0 &- count) }
      return value &>> Int64(count < 63 ? count : 63)
    }

    @inline(__always)
    package init(_ value: UInt64) {
      precondition(value &>> UInt64(63) == 0, "value does not fit in 63 bits")
      self.init(bitPattern: value)
    }
  }

  extension UInt32 {
    @inline(__always)
    package init(_ value: UInt64) {
      precondition(value &>> UInt64(32) == 0, "value does not fit in 32 bits")
      self.init(truncatingIfNeeded: value)
    }
  }

  extension UInt {
    @inline(__always) package init(_ value: UInt64) { self.init(UInt32(value)) }
  }

  extension Int32 {
    @inline(__always) package init(_ value: Int64) { self.init(Int(value)) }
  }

  extension Int {
    @inline(__always)
    package init(_ value: UInt64) {
      precondition(value &>> UInt64(31) == 0, "value does not fit in 31 bits")
      self.init(truncatingIfNeeded: value)
    }

    @inline(__always)
    package init(_ value: Int64) {
      self.init(truncatingIfNeeded: value)
      precondition(Int64(self) == value, "value does not fit in 32 bits")
    }

    @inline(__always)
    package init?(exactly value: UInt64) {
      guard value &>> UInt64(31) == 0 else { return nil }
      self.init(truncatingIfNeeded: value)
    }
  }

  extension Float {
    @inline(__always) package init(_ value: Int32) { self.init(Int(value)) }
    @inline(__always) package init(_ value: UInt32) { self.init(Int64(value)) }
    @inline(__always) package init(_ value: Int16) { self.init(Int(value)) }
    @inline(__always) package init(_ value: Int8) { self.init(Int(value)) }
    @inline(__always) package init(_ value: UInt8) { self.init(Int(value)) }
    @inline(__always) package init(_ value: UInt16) { self.init(Int(value)) }
  }
#endif

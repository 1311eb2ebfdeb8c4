import CDriftFormat

/// The tensors that are alive at one point of a program, sorted by their place in the arena. Lives on the stack.
struct LiveSet {
  /// What became of an attempt to add a tensor.
  enum Insertion {
    case added
    case present
    case full
    /// The tensor shares bytes with this one.
    case overlaps(Int)
  }

  private let tensors: UnsafeBufferPointer<drift_tensor>
  private var indices = InlineArray<1024, UInt32>(repeating: 0)
  private var count = 0
  /// Bytes of all members, in whole cache lines.
  private(set) var bytes: UInt64 = 0

  init(_ tensors: UnsafeBufferPointer<drift_tensor>) {
    self.tensors = tensors
  }

  /// Adds a tensor unless it is a member already or shares bytes with a member. Binary search, then moves at most 4 KB.
  mutating func insert(_ tensor: Int) -> Insertion {
    let position = position(of: tensor)
    if position < count {
      let next = Int(indices[position])
      if next == tensor { return .present }
      if end(of: tensor) > tensors[next].arena_offset { return .overlaps(next) }
    }
    if position > 0 {
      let previous = Int(indices[position - 1])
      if end(of: previous) > tensors[tensor].arena_offset { return .overlaps(previous) }
    }
    guard count < FormatLimits.liveTensors else { return .full }
    var index = count
    while index > position {
      indices[index] = indices[index - 1]
      index -= 1
    }
    indices[position] = UInt32(truncatingIfNeeded: tensor)
    count += 1
    bytes += size(of: tensor)
    return .added
  }

  /// Removes a tensor; false if it is not a member.
  mutating func remove(_ tensor: Int) -> Bool {
    var index = position(of: tensor)
    guard index < count, Int(indices[index]) == tensor else { return false }
    count -= 1
    while index < count {
      indices[index] = indices[index + 1]
      index += 1
    }
    bytes -= size(of: tensor)
    return true
  }

  /// Where a tensor is or belongs. Members do not overlap and none is empty, so their offsets differ. Mutating, although it changes
  /// nothing, because the compiler would otherwise copy the whole set for each call.
  private mutating func position(of tensor: Int) -> Int {
    let offset = tensors[tensor].arena_offset
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if tensors[Int(indices[middle])].arena_offset < offset { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func end(of tensor: Int) -> UInt64 {
    tensors[tensor].arena_offset + tensors[tensor].byte_length
  }

  private func size(of tensor: Int) -> UInt64 {
    tensors[tensor].byte_length.roundedUp(to: UInt64(DRIFT_ALIGNMENT))
  }
}

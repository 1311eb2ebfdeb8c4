import DriftGraph

/// Memory of one running evaluation: the slots of an `ExecutionPlan`, and scratch that grows to what kernels ask for.
///
/// Used by one thread at a time; `FloatDenoiser` keeps a pool of them.
final class Workspace: @unchecked Sendable {
  private let slots: [UnsafeMutableBufferPointer<Float>]
  private var scratch: UnsafeMutableBufferPointer<Float>
  /// What nodes keep from one spiking step to the next.
  private var membranes: [NodeID: [Float]] = [:]

  init(capacities: [Int]) {
    slots = capacities.map { .allocate(capacity: max($0, 1)) }
    scratch = .allocate(capacity: 1)
    // A vector kernel may read a slot before every value of it was written; no value must be a trap.
    for slot in slots { slot.initialize(repeating: 0) }
    scratch.initialize(repeating: 0)
  }

  deinit {
    for slot in slots { slot.deallocate() }
    scratch.deallocate()
  }

  /// Lets a kernel change what its node keeps from one spiking step to the next; zeros at the first.
  func withMembrane(of node: NodeID, count: Int, isFirst: Bool, _ body: (inout [Float]) -> Void) {
    if isFirst || membranes[node] == nil { membranes[node] = [Float](repeating: 0, count: count) }
    body(&membranes[node, default: []])
  }

  func slot(_ index: Int) -> UnsafeMutablePointer<Float> {
    // Every slot has at least one element, so the address exists.
    slots[index].baseAddress!
  }

  /// At least `count` floats with unspecified content, valid until the next call.
  func scratch(_ count: Int) -> UnsafeMutablePointer<Float> {
    if scratch.count < count {
      scratch.deallocate()
      scratch = .allocate(capacity: count)
      scratch.initialize(repeating: 0)
    }
    return scratch.baseAddress!
  }
}

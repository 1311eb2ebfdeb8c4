import CDriftFormat
import DriftFormat

/// What the operators of one run know of a spiking program's state.
struct SpikingRun {
  /// Scales and zero points that the state belongs to; nil: there is no state yet.
  var previous: UnsafePointer<drift_quantization>?
  var events: SpikingOptions.Events
  var strategy: SpikingOptions.Strategy
  var costs: EventCosts
  /// Sums of this run, written by the first member alone.
  var totals: UnsafeMutablePointer<SpikingTotals>?
  /// Per operator of the file, if somebody counts.
  var activity: UnsafeMutableBufferPointer<OperatorActivity>?
}

/// What all neurons did in one run.
struct SpikingTotals {
  var events: UInt64 = 0
  /// Levels that are still to be sent.
  var distance: UInt64 = 0
}

/// What one member's neurons did: at the start of an EVENTS tensor, one for each member.
struct SenderTotals {
  var changes: UInt64
  var distance: UInt64
}

/// What becomes of a node of the graph in a spiking program (docs/spiking.md).
public enum SpikingTreatment: String, Sendable, CaseIterable, Codable {
  /// Known at conversion for every step: it shifts membranes by a constant when the step changes.
  case stepConstant = "step constant"
  /// The noisy sample, or a sum that no neuron has turned into levels: an identity neuron tracks it and sends what changed.
  case encoder
  /// Linear in its events: each event adds a row of weights to the membranes behind it.
  case synapses
  /// Linear and local: events pass through with another address or scale, or two streams meet in one membrane.
  case passthrough
  /// An affine map per channel that the neuron behind it applies to its membrane.
  case absorbed
  /// A neuron with soft reset whose net count of spikes is the clamped, rounded membrane: exact for ReLU (ST-BIF).
  case integrateAndFire = "integrate and fire"
  /// A neuron that keeps the exact sum and sends the difference between its target level and what it has sent so far.
  case tracking = "tracking neuron"
}

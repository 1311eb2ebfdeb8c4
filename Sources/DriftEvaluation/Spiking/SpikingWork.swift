/// What one evaluation of a spiking program asks for, in operations: the input of energy tables. Means over evaluations.
public struct SpikingWork: Sendable, Equatable {
  /// Weights that events add to membranes.
  public var synapticOperations = 0.0
  /// Events read, once for each tap through which they reach a membrane's pixel.
  public var eventReads = 0.0
  /// Neurons that sent.
  public var events = 0.0
  /// Neurons.
  public var neurons = 0.0
  /// Membranes.
  public var membranes = 0.0
  /// Spike time steps: how often the program is swept through.
  public var timeSteps = 1.0
  /// Products of the layers with membranes, computed densely once, without padding.
  public var eventLayerProducts = 0.0
  /// Products of the other layers, once.
  public var denseLayerProducts = 0.0
  /// The same in int8, where a 16-bit operand makes two.
  public var denseLayerInt8Products = 0.0

  /// Nothing.
  public init() {}

  /// Bytes that pass the nearest memory per dense multiply-add of int8: tiles of 4 pixels x 16 outputs, whose operands serve 16 and 4.
  static let denseBytes = 1.0 / 16 + 1.0 / 4

  /// Millijoules of one evaluation by a table.
  public func energy(_ table: EnergyTable) -> SpikingEnergy {
    func milli(_ picojoules: Double) -> Double { picojoules * 1e-9 }
    let layers = table.countsPlanes ? denseLayerInt8Products : denseLayerProducts
    let sweptBytes = timeSteps * (8 * membranes + 3 * neurons) + synapticOperations + 4 * (events + eventReads)
    let bytes = sweptBytes + timeSteps * layers * Self.denseBytes
    let int8 = eventLayerProducts + denseLayerInt8Products, float = eventLayerProducts + denseLayerProducts
    let dense = table.denseMultiplyAdd * timeSteps * layers
    return SpikingEnergy(
      table: table.name, source: table.source,
      spikingMj: milli(dense + table.eventAddition * synapticOperations + table.movedByte * bytes),
      denseInt8Mj: milli(int8 * (table.int8MultiplyAdd + table.movedByte * Self.denseBytes)),
      floatMj: milli(float * (table.floatMultiplyAdd + table.movedByte * 4 * Self.denseBytes)),
      ofDenseLayersMj: milli(dense),
      spikingUpdatesMj: milli(timeSteps * (table.requantization * membranes + table.comparison * neurons)),
      denseInt8UpdatesMj: milli(table.requantization * membranes))
  }
}

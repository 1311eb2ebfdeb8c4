/// What operations take, in picojoules, by a published table. Multiplied with counts it gives a figure that papers compare; no board's
/// battery was asked.
public struct EnergyTable: Sendable, Equatable {
  /// A short name, for reports.
  public var name: String
  /// Where the constants are from, and what they count.
  public var source: String
  /// A multiply-add in those layers of a spiking program that stay dense.
  public var denseMultiplyAdd: Double
  /// Whether a 16-bit operand of such a layer costs two multiply-adds, as two int8 planes do.
  public var countsPlanes: Bool
  /// Adding a weight to a membrane.
  public var eventAddition: Double
  /// A multiply-add of the dense int8 network.
  public var int8MultiplyAdd: Double
  /// A multiply-add of the network in single precision.
  public var floatMultiplyAdd: Double
  /// Turning a sum into a level: one for each output of a layer, of membranes at every sweep.
  public var requantization: Double
  /// Comparing a neuron's target level with what it has sent.
  public var comparison: Double
  /// Moving a byte between arithmetic and memory; 0 if the table counts arithmetic alone.
  public var movedByte: Double

  private static let horowitz = "Horowitz, ISSCC 2014, 45 nm"

  /// SDM's convention: single-precision multiply-adds against single-precision additions, and nothing else.
  public static let singlePrecision = EnergyTable(
    name: "45nm-fp32",
    source: "\(horowitz), 32-bit floating point: multiply-add 4.6 pJ, addition 0.9 pJ; arithmetic alone, as SDM (arXiv 2408.16467) "
      + "counts; its dense int8 column has the constants of 45nm-int8",
    denseMultiplyAdd: 4.6, countsPlanes: false, eventAddition: 0.9, int8MultiplyAdd: 0.3, floatMultiplyAdd: 4.6, requantization: 0,
    comparison: 0, movedByte: 0)

  /// What the integer program computes: int8 products and 32-bit sums.
  public static let int8 = EnergyTable(
    name: "45nm-int8",
    source: "\(horowitz): int8 multiplication 0.2 pJ, 32-bit integer addition 0.1 pJ (a multiply-add 0.3); arithmetic alone",
    denseMultiplyAdd: 0.3, countsPlanes: true, eventAddition: 0.1, int8MultiplyAdd: 0.3, floatMultiplyAdd: 4.6,
    requantization: 4.6, comparison: 0.03, movedByte: 0)

  /// The least that either side could take: 8-bit sums, which would overflow.
  public static let int8NarrowSums = EnergyTable(
    name: "45nm-int8-add8",
    source: "\(horowitz): int8 multiplication 0.2 pJ, 8-bit addition 0.03 pJ (a multiply-add 0.23); arithmetic alone, with sums "
      + "too narrow to hold a layer's",
    denseMultiplyAdd: 0.23, countsPlanes: true, eventAddition: 0.03, int8MultiplyAdd: 0.23, floatMultiplyAdd: 4.6,
    requantization: 4.6, comparison: 0.03, movedByte: 0)

  /// As `int8`, and what moves between arithmetic and the nearest memory.
  public static let int8WithMemory = EnergyTable(
    name: "45nm-int8-memory",
    source: "45nm-int8 and 2.5 pJ for each byte that passes a 32 KB memory (\(horowitz): 20 pJ for 64 bits). Events: a byte of a "
      + "weight per addition, 4 bytes of an event where it is written and per tap, 8 of each membrane, 3 of each neuron. Dense: tiles "
      + "of 4 pixels x 16 outputs in registers, 0.3125 bytes per multiply-add (single precision 1.25). Memory behind it is not counted",
    denseMultiplyAdd: 0.3, countsPlanes: true, eventAddition: 0.1, int8MultiplyAdd: 0.3, floatMultiplyAdd: 4.6,
    requantization: 4.6, comparison: 0.03, movedByte: 2.5)

  /// All of them, SDM's first.
  public static let all = [singlePrecision, int8, int8NarrowSums, int8WithMemory]
}

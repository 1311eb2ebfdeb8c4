/// A value that depends on the timestep and the class alone, as the importer computes it: what a checkpoint does to them need not be made of
/// this graph's operations, since the converter evaluates it once for every step and class.
public struct StepFunction: Sendable {
  /// Whether the value changes with the timestep; if not, it is the class's alone.
  public var dependsOnTimestep: Bool
  /// Channels first, as many values as the shape of the nodes that name it. Values that are not finite are refused where they are used.
  public var evaluate: @Sendable (_ timestep: Float, _ classLabel: Int?) -> [Float]

  /// A function.
  public init(
    dependsOnTimestep: Bool = true, _ evaluate: @escaping @Sendable (_ timestep: Float, _ classLabel: Int?) -> [Float]
  ) {
    self.dependsOnTimestep = dependsOnTimestep
    self.evaluate = evaluate
  }
}

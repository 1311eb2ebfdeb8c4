/// A spiking program was asked for, which this version can plan but neither write nor run.
public struct SpikingTargetError: Error, Sendable, CustomStringConvertible {
  /// What the plan says about the model.
  public var convertibility: SpikingConvertibility

  /// - Parameter convertibility: of the model that was to be converted.
  public init(_ convertibility: SpikingConvertibility) { self.convertibility = convertibility }

  /// One sentence for people.
  public var description: String {
    "this version plans spiking programs but does not write or execute them; convert with --target int8"
  }
}

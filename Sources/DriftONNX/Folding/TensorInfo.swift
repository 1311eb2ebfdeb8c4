/// What is known of a tensor before the model runs.
public struct TensorInfo: Sendable {
  /// Its number format.
  public var type: ElementType
  /// Lengths of its dimensions.
  public var shape: [Int]
  /// Its values, where nothing that is fed to the graph changes them; read when they are asked for.
  public var constant: Constant?

  /// Values known at conversion.
  public enum Constant: Sendable {
    case value(TensorValue)
    case initializer(Initializer)

    /// The values.
    public func value() -> TensorValue {
      switch self {
      case .value(let value): value
      case .initializer(let initializer): initializer.value()
      }
    }
  }

  init(_ type: ElementType, _ shape: [Int]) {
    self.type = type
    self.shape = shape
  }

  init(_ value: TensorValue) {
    self.init(value.type, value.shape)
    constant = .value(value)
  }
}

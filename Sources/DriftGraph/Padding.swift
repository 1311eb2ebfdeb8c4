/// Rows and columns added around a picture.
public struct Padding: Sendable, Equatable {
  /// What the new pixels hold.
  public enum Mode: String, Sendable, CaseIterable {
    /// Zero.
    case zero
    /// The picture mirrored at its outermost pixel, which is not repeated.
    case reflect
    /// The outermost pixel.
    case replicate
    /// The picture's other side.
    case circular
  }

  /// What the new pixels hold.
  public var mode: Mode
  /// Rows above.
  public var top: Int
  /// Columns to the left.
  public var left: Int
  /// Rows below.
  public var bottom: Int
  /// Columns to the right.
  public var right: Int

  /// A padding from its parts.
  public init(mode: Mode, top: Int, left: Int, bottom: Int, right: Int) {
    self.mode = mode
    self.top = top
    self.left = left
    self.bottom = bottom
    self.right = right
  }

  /// The pixel along one axis that a new pixel copies; nil: zero.
  /// - Parameters:
  ///   - position: where the new pixel lies, counted from the first old one.
  ///   - count: old pixels along the axis.
  public func source(_ position: Int, of count: Int) -> Int? {
    if (0..<count).contains(position) { return position }
    switch mode {
    case .zero: return nil
    case .replicate: return min(max(position, 0), count - 1)
    case .reflect: return position < 0 ? -position : 2 * (count - 1) - position
    case .circular: return position < 0 ? position + count : position - count
    }
  }
}

extension Padding: CustomStringConvertible {
  /// The mode, and what is added on each side.
  public var description: String { "\(mode.rawValue), top \(top), left \(left), bottom \(bottom), right \(right)" }
}

/// Another height and width by interpolation.
public struct Resize: Sendable, Equatable {
  /// What a new pixel holds.
  public enum Method: String, Sendable, CaseIterable {
    /// The pixel at floor(position * old / new), as PyTorch's "nearest".
    case nearest
    /// The weighted mean of the four pixels around (position + 1/2) * old / new - 1/2, clamped to the picture.
    case bilinear
    /// The same around position * (old - 1) / (new - 1), so that corners keep their values.
    case bilinearCorners = "bilinear_corners"
  }

  /// What a new pixel holds.
  public var method: Method
  /// New height.
  public var height: Int
  /// New width.
  public var width: Int

  /// A new size.
  public init(_ method: Method, height: Int, width: Int) {
    self.method = method
    self.height = height
    self.width = width
  }

  /// Along one axis, the two old pixels that a new pixel takes and the share of the second.
  public func taps(_ position: Int, from old: Int, to new: Int) -> (first: Int, second: Int, share: Float) {
    let exact: Double
    switch method {
    case .nearest:
      let index = min(position * old / new, old - 1)
      return (index, index, 0)
    case .bilinear: exact = max((Double(position) + 0.5) * Double(old) / Double(new) - 0.5, 0)
    case .bilinearCorners: exact = new > 1 ? Double(position) * Double(old - 1) / Double(new - 1) : 0
    }
    let first = min(Int(exact), old - 1)
    return (first, min(first + 1, old - 1), Float(exact - Double(first)))
  }
}

extension Resize: CustomStringConvertible {
  /// The method and the new size.
  public var description: String { "\(method.rawValue), \(height)x\(width)" }
}

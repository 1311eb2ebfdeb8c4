/// Rows and lanes in pixels.
struct DrawingGeometry {
  static let boxWidth = 216, boxHeight = 34
  private static let laneGap = 44, rowPitch = 50, margin = 44, fold = 220

  private let top: Int
  private let leftLanes: Int, rightLanes: Int
  private let rows: Int

  init(_ layout: GraphLayout, top: Int) {
    self.top = top
    leftLanes = layout.lanes(.left)
    rightLanes = layout.lanes(.right)
    rows = layout.rows
  }

  private static var lanePitch: Int { boxWidth + laneGap }

  /// Left end of a box.
  func x(_ place: GraphLayout.Place) -> Int {
    switch place.side {
    case .left: Self.margin + (leftLanes - 1 - place.lane) * Self.lanePitch
    case .right: Self.margin + leftLanes * Self.lanePitch - Self.laneGap + Self.fold + place.lane * Self.lanePitch
    }
  }

  /// Upper end of a box.
  func y(_ place: GraphLayout.Place) -> Int { top + place.row * Self.rowPitch }

  /// Beyond all boxes of a side.
  func outside(_ side: GraphLayout.Side) -> Int { side == .left ? Self.margin - 20 : width - Self.margin + 20 }

  /// Above all boxes.
  var above: Int { top - 12 }

  /// Of the whole drawing.
  var width: Int {
    let left = Self.margin + leftLanes * Self.lanePitch - Self.laneGap
    return left + (rightLanes > 0 ? Self.fold + rightLanes * Self.lanePitch - Self.laneGap : 0) + Self.margin
  }

  /// Below all boxes.
  var bottom: Int { top + rows * Self.rowPitch + 24 }
}

/// What a search of thresholds did. Figures are mean signal to noise of the noise prediction over steps, in dB.
public struct ThresholdReport: Codable, Sendable {
  /// Scales that were searched: layer groups times step groups.
  public var scales: Int
  /// How many of them have a factor other than 1.
  public var changed: Int
  /// The factor of all scales.
  public var globalFactor: Float
  /// On the noise that the search saw, with the calibrated scales.
  public var searchBefore: Double
  /// On the noise that the search saw, with the scales found.
  public var searchAfter: Double
  /// On other noise, with the calibrated scales.
  public var otherBefore: Double
  /// On other noise, with the scales found.
  public var otherAfter: Double
  /// Whether the file has the scales found.
  public var isKept: Bool
}

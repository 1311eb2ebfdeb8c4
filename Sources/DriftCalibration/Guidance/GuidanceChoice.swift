import DriftRuntime

/// What guides each step, and what it was chosen from.
public struct GuidanceChoice: Sendable {
  /// A row for every step.
  public internal(set) var rows: [GuidanceRow]
  /// Agreement of the class's answer with the null class's, on trajectories with full guidance.
  public internal(set) var branches: [BranchAgreement]
  /// Agreement of the estimate with the null class's answer, on the trajectories that the rows make; nil where there was none to judge.
  public internal(set) var estimates: [BranchAgreement?]

  /// Evaluations of the denoiser for one guided picture.
  public var evaluations: Int { rows.reduce(0) { $0 + ($1.kind == .full ? 2 : 1) } }
}

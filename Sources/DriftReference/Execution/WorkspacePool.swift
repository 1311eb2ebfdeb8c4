import Synchronization

/// Workspaces at rest, one for each thread that has ever evaluated at the same time.
final class WorkspacePool: Sendable {
  private let capacities: [Int]
  private let idle = Mutex<[Workspace]>([])

  init(capacities: [Int]) {
    self.capacities = capacities
  }

  /// Runs `body` with a workspace that no one else uses meanwhile.
  func withWorkspace<Result, Failure: Error>(_ body: (Workspace) throws(Failure) -> Result) throws(Failure) -> Result {
    let workspace = idle.withLock { $0.popLast() } ?? Workspace(capacities: capacities)
    defer { idle.withLock { $0.append(workspace) } }
    return try body(workspace)
  }
}

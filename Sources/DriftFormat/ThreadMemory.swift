import CDriftFormat

/// Arena beyond `arena_bytes` that sessions of several threads need: `[scratch of further threads][team][further members]`.
public enum ThreadMemory {
  /// A thread's record and its stack, and what the team has in common.
  public static var memberBytes: UInt64 { recordBytes + stackBytes + controlBytes }
  /// A thread's stack.
  package static var stackBytes: UInt64 { 16384 }
  /// A thread's record; its stack follows.
  package static var recordBytes: UInt64 { 64 }
  /// What the team has in common; counted for each member, used once.
  package static var controlBytes: UInt64 { 1024 }

  /// Bytes for each further thread.
  public static func bytes(for model: drift_model) -> UInt64 { model.thread_bytes + memberBytes }
}

import Dispatch
import Synchronization

/// Independent pieces of work, shared out to a few threads.
enum WorkerPool {
  private struct State<Result: Sendable>: Sendable {
    var next = 0
    var finished = 0
    var results: [Int: Swift.Result<Result, any Error>] = [:]
    var startError: (any Error)?
  }

  /// Results of `count` pieces, in their order.
  /// - Parameters:
  ///   - workers: threads; each makes its own state with `start` and then takes the next piece until none is left.
  ///   - done: called after each piece with the number of finished ones, by one thread at a time.
  ///   - start: returns what does a piece; it stays on one thread.
  /// - Throws: the error of the lowest piece that failed, or of a worker that could not start.
  static func map<Result: Sendable>(
    _ count: Int, workers: Int, done: @Sendable (Int) -> Void, start: @Sendable () throws -> (Int) throws -> Result
  ) throws -> [Result] {
    let state = Mutex(State<Result>())
    DispatchQueue.concurrentPerform(iterations: min(workers, count)) { _ in
      do {
        let work = try start()
        while let piece = state.withLock({ state in
          defer { state.next += 1 }
          return state.next < count ? state.next : nil
        }) {
          let result = Swift.Result { try work(piece) }
          state.withLock { state in
            state.results[piece] = result
            state.finished += 1
            if case .failure = result { state.next = count }
            done(state.finished)
          }
        }
      } catch {
        state.withLock { $0.startError = error }
      }
    }
    let end = state.withLock { $0 }
    if let error = end.startError { throw error }
    return try end.results.sorted { $0.key < $1.key }.map { try $0.value.get() }
  }
}

import CDriftFormat
import DriftFormat

extension Session {
  /// Runs a spiking program: once with graded events, with ternary events until all neurons are at rest or the time steps are used up.
  mutating func runToRest(_ run: ProgramRun, _ step: drift_step, _ branch: Branch) {
    let lastGroup = branch == .conditional ? stateGroups.conditional : stateGroups.unconditional
    if branch == .conditional { stateGroups.conditional = step.group } else { stateGroups.unconditional = step.group }
    var run = run
    // Neurons that fire send every spike, not what has changed since the step before: below a rate of a half that is less.
    let fires = file.model.spike_steps > 0
    if kept & branch.rawValue != 0 && !spiking.resetsEachStep && !fires {
      run.executor.spiking.previous = file.quantization.baseAddress.map {
        $0 + Int(truncatingIfNeeded: lastGroup) &* file.tensors.count
      }
    }
    var timeSteps = 0
    var totals = SpikingTotals()
    repeat {
      totals = withUnsafeTemporaryTotals { pointer in
        run.executor.spiking.totals = pointer
        runOnTeam(run)
      }
      timeSteps &+= 1
      run.executor.spiking.previous = run.executor.quantization
    } while spiking.events == .ternary && !fires && totals.events > 0 && (spiking.timeSteps == 0 || timeSteps < spiking.timeSteps)
    lastSpiking = (timeSteps, totals.distance)
  }

  /// Calls with room for sums, and returns them.
  private func withUnsafeTemporaryTotals(_ body: (UnsafeMutablePointer<SpikingTotals>) -> Void) -> SpikingTotals {
    var totals = SpikingTotals()
    withUnsafeMutablePointer(to: &totals) { body($0) }
    return totals
  }
}

extension SpikingRun {
  /// For a file without state, or a run that starts anew.
  init(_ options: SpikingOptions, _ activity: UnsafeMutableBufferPointer<OperatorActivity>?) {
    self.init(
      previous: nil, events: options.events, strategy: options.strategy, costs: options.costs, totals: nil, activity: activity)
  }
}

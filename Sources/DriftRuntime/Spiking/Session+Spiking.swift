import CDriftFormat
import DriftFormat

extension Session {
  /// Whether whoever called wants no more of it.
  var isToStop: Bool {
    guard let isCancelled else { return false }
    return isCancelled() != 0
  }

  /// Runs a spiking program: once with graded events, with ternary events until all neurons are at rest or the time steps are used up.
  /// - Returns: false if the caller has cancelled between two time steps. Tracers and membranes are then as after so many of them.
  mutating func runToRest(_ run: ProgramRun, _ step: drift_step, _ branch: Branch) -> Bool {
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
    while true {
      var totals = SpikingTotals()
      withUnsafeMutablePointer(to: &totals) {
        run.executor.spiking.totals = $0
        runOnTeam(run)
      }
      timeSteps &+= 1
      let isAtEnd = spiking.events == .graded || fires || totals.events == 0 || timeSteps == spiking.timeSteps
      if isAtEnd || isToStop {
        lastSpiking.timeSteps &+= timeSteps
        lastSpiking.distance &+= totals.distance
        return isAtEnd
      }
      run.executor.spiking.previous = run.executor.quantization
    }
  }
}

extension SpikingRun {
  /// For a file without state, or a run that starts anew.
  init(_ options: SpikingOptions, _ activity: UnsafeMutableBufferPointer<OperatorActivity>?) {
    self.init(
      previous: nil, events: options.events, strategy: options.strategy, costs: options.costs, totals: nil, activity: activity)
  }
}

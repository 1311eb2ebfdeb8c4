import DriftReference
import DriftRuntime

extension GuidanceSearch {
  /// Puts estimates where they are allowed and good enough.
  ///
  /// All samples walk side by side, a step at a time, as the rows chosen so far say: an estimate is fitted to the very answers that it
  /// will start from, errors of earlier estimates included.
  /// - Parameter tail: the first of the last steps at which the branches agree; from there estimates follow each other without end.
  func fitted(_ choice: GuidanceChoice, tail: Int, progress: Progress) throws -> GuidanceChoice {
    var choice = choice
    var lanes = try (0..<LaneRunner.laneCount).map { try walks($0) }
    var estimatesInARow = 0
    for step in choice.rows.indices {
      let walks = lanes
      let answers = try LaneRunner.run { lane in try walks[lane].map { try $0.evaluate(step: step, both: true) } }
      let estimate = step == 0 ? nil : fit(walks, answers, step: step)
      choice.estimates[step] = estimate?.agreement
      // Errors of estimates that follow each other all have one direction, so before the branches agree full steps must break them up.
      let least = step >= tail ? options.threshold : 1 - GuidanceOptions.remainder * (1 - choice.branches[step].mean)
      var row = GuidanceRow.full
      if step >= tail || estimatesInARow < options.estimates, let estimate, estimate.agreement.mean >= least { row = estimate.row }
      estimatesInARow = row.kind == .estimated ? estimatesInARow + 1 : 0
      choice.rows[step] = row
      for lane in lanes.indices {
        for walk in lanes[lane].indices { lanes[lane][walk].advance(step: step, row, answers[lane][walk]) }
      }
      progress(step + 1, choice.rows.count)
    }
    return choice
  }

  /// The best row for a step, and how well it does.
  private func fit(
    _ lanes: [[GuidedWalk]], _ answers: [[GuidedWalk.Branches]], step: Int
  ) -> (row: GuidanceRow, agreement: BranchAgreement)? {
    var sums = EstimateFit()
    for (walk, branches) in zip(lanes.joined(), answers.joined()) {
      sums.add(
        lastNull: walk.lastNull, lastClass: walk.lastClass, nowClass: branches.classAnswer, null: branches.nullAnswer ?? [])
    }
    guard let row = sums.row() else { return nil }
    var agreement = BranchAgreement()
    for (walk, branches) in zip(lanes.joined(), answers.joined()) {
      let estimate = walk.estimate(row, classAnswer: branches.classAnswer)
      agreement.add(walk.cleanEstimate(step: step, estimate), walk.cleanEstimate(step: step, branches.nullAnswer ?? []))
    }
    return (row, agreement)
  }
}

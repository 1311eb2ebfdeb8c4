import Foundation

extension NoiseSchedule {
  /// DPM-Solver and DPM-Solver++ as multistep methods, orders 1 to 3, and their stochastic variants (Lu et al. 2022a and 2022b). History slots
  /// hold the last estimates, of the clean picture or of the noise.
  func multistep(_ levels: [NoiseLevel], _ solver: SolverOptions) throws(ScheduleError) -> [SamplerStep] {
    let steps = levels.count - 1
    guard solver.algorithm.ofData || solver.end == .smallest else {
      throw ScheduleError("final_sigmas_type 'zero' needs algorithm_type dpmsolver++ or sde-dpmsolver++")
    }
    guard solver.algorithm != .noiseSDE || solver.order < 3 else {
      throw ScheduleError("algorithm_type sde-dpmsolver has no third order; set solver_order to 2")
    }
    var rows: [SamplerStep] = []
    for index in 0..<steps {
      let short = solver.lowerOrderFinal && steps < 15
      let endsFirst = index == steps - 1 && (solver.eulerAtFinal || short || solver.end == .zero)
      let endsSecond = index == steps - 2 && short
      let order = endsFirst ? 1 : min(solver.order, index + 1, endsSecond ? 2 : 3)
      let update = Self.update(levels, index, order, solver)
      let slots = solver.order - 1
      var history = [Double](repeating: 0, count: slots)
      for (back, factor) in update.estimates.enumerated().dropFirst() { history[(index - back) % slots] = factor }
      rows.append(
        try estimateRow(
          levels[index], ofData: solver.algorithm.ofData, sample: update.sample, estimate: update.estimates[0], history: history,
          fresh: update.fresh, slot: slots > 0 && index < steps - 1 ? index % slots : nil))
    }
    return rows
  }

  /// A row of a method that extrapolates estimates of the clean picture or of the noise, and keeps the one it makes.
  func estimateRow(
    _ level: NoiseLevel, ofData: Bool, sample: Double, estimate: Double, history: [Double], fresh: Double = 0, slot: Int?
  ) throws(ScheduleError) -> SamplerStep {
    if ofData {
      return try row(
        level, sample: sample, clean: estimate, history: history, fresh: fresh, clip: levelClip,
        keeps: slot.map { .init(.estimate, slot: $0) })
    }
    if prediction == .epsilon, level.clean == nil {
      return try row(
        level, sample: sample, output: estimate, history: history, fresh: fresh, keeps: slot.map { .init(.output, slot: $0) })
    }
    // The noise is no answer of the network's, so the row's estimate is made to be it.
    let noise = try noise(level)
    return try row(
      level, sample: sample, clean: estimate, history: history, fresh: fresh, keeps: slot.map { .init(.estimate, slot: $0) },
      estimate: noise)
  }

  /// Factors of the sample, of the newest estimates (this step's first) and of fresh noise.
  private static func update(
    _ levels: [NoiseLevel], _ index: Int, _ order: Int, _ solver: SolverOptions
  ) -> (sample: Double, estimates: [Double], fresh: Double) {
    let (now, then) = (levels[index], levels[index + 1])
    let h = then.lambda - now.lambda
    // Factors of the estimate and of its first and second difference quotients.
    var (sample, f0, f1, f2, fresh) = (0.0, 0.0, 0.0, 0.0, 0.0)
    let heun = order == 3 || solver.correction == .heun
    switch solver.algorithm {
    case .dataODE:
      let phi = expm1(-h)
      sample = then.sigma / now.sigma
      f0 = -then.alpha * phi
      f1 = heun ? then.alpha * (phi / h + 1) : -then.alpha * phi / 2
      f2 = -then.alpha * ((phi + h) / (h * h) - 0.5)
    case .noiseODE:
      let phi = expm1(h)
      sample = then.alpha / now.alpha
      f0 = -then.sigma * phi
      f1 = heun ? -then.sigma * (phi / h - 1) : -then.sigma * phi / 2
      f2 = -then.sigma * ((phi - h) / (h * h) - 0.5)
    case .dataSDE:
      let phi = -expm1(-2 * h)
      sample = then.sigma / now.sigma * exp(-h)
      f0 = then.alpha * phi
      f1 = heun ? then.alpha * (phi / (-2 * h) + 1) : then.alpha * phi / 2
      f2 = then.alpha * ((phi - 2 * h) / (4 * h * h) - 0.5)
      fresh = then.sigma * phi.squareRoot()
    case .noiseSDE:
      let phi = expm1(h)
      sample = then.alpha / now.alpha
      f0 = -2 * then.sigma * phi
      f1 = heun ? -2 * then.sigma * (phi / h - 1) : -then.sigma * phi
      fresh = then.sigma * expm1(2 * h).squareRoot()
    }
    guard order > 1 else { return (sample, [f0], fresh) }
    let r0 = (now.lambda - levels[index - 1].lambda) / h
    guard order > 2 else { return (sample, [f0 + f1 / r0, -f1 / r0], fresh) }
    let r1 = (levels[index - 1].lambda - levels[index - 2].lambda) / h
    // D1 = u + r0 / (r0 + r1) * (u - v) and D2 = (u - v) / (r0 + r1) with u = (m0 - m1) / r0 and v = (m1 - m2) / r1.
    let second = (f1 * r0 + f2) / (r0 + r1)
    let (u, v) = ((f1 + second) / r0, -second / r1)
    return (sample, [f0 + u, v - u, -v], fresh)
  }

  /// UniPC (Zhao et al. 2023), B1 and B2, orders 1 to 3. The corrector needs the last corrected sample, which differs from the state by known
  /// estimates only, so that no slot holds it: the row adds what corrector and predictor say differently.
  func predictorCorrector(_ levels: [NoiseLevel]) throws(ScheduleError) -> [SamplerStep] {
    let steps = levels.count - 1
    guard solver.ofData || solver.end == .smallest else {
      throw ScheduleError("predict_x0 false needs final_sigmas_type 'sigma_min': the noise has no estimate at sigma 0")
    }
    var rows: [SamplerStep] = []
    var predicted: [Double] = []
    var lastOrder = 0
    for index in 0..<steps {
      let order = min(solver.order, index + 1, solver.lowerOrderFinal ? steps - index : solver.order)
      // Factors of the newest estimates in the corrected sample, this step's first; the sample's own factor is 1.
      var corrected = [Double](repeating: 0, count: solver.order + 1)
      if index > 0, !solver.uncorrected.contains(index - 1) {
        let factors = unified(levels, from: index - 1, order: lastOrder, corrects: true)
        corrected[0] = factors.newest
        for (k, factor) in factors.estimates.enumerated() {
          corrected[k + 1] = factor - (k < predicted.count ? predicted[k] : 0)
        }
      }
      let next = unified(levels, from: index, order: order, corrects: false)
      var total = corrected.map { next.sample * $0 }
      for (k, factor) in next.estimates.enumerated() { total[k] += factor }
      var history = [Double](repeating: 0, count: solver.order)
      for back in 1...solver.order where back <= index { history[(index - back) % solver.order] = total[back] }
      rows.append(
        try estimateRow(
          levels[index], ofData: solver.ofData, sample: next.sample, estimate: total[0], history: history,
          slot: index < steps - 1 ? index % solver.order : nil))
      predicted = next.estimates
      lastOrder = order
    }
    return rows
  }

  /// UniP's and UniC's step from a level to the next: factors of the sample, of the estimate at the next level and of the newest before it.
  private func unified(
    _ levels: [NoiseLevel], from index: Int, order: Int, corrects: Bool
  ) -> (sample: Double, newest: Double, estimates: [Double]) {
    let (now, then) = (levels[index], levels[index + 1])
    let h = then.lambda - now.lambda
    let hh = solver.ofData ? -h : h
    let scale = solver.ofData ? then.alpha : then.sigma
    let sample = solver.ofData ? then.sigma / now.sigma : then.alpha / now.alpha
    let phi1 = expm1(hh)
    let stepFunction = solver.plainStepFunction ? hh : phi1
    var ratios = (1..<max(order, 1)).map { (levels[index - $0].lambda - now.lambda) / h }
    var weights: [Double]
    if corrects ? order == 1 : order == 2 {
      weights = [0.5]
    } else {
      var sides: [Double] = []
      var (phi, factorial) = (phi1 / hh - 1, 1.0)
      for i in 1...order {
        sides.append(phi * factorial / stepFunction)
        factorial *= Double(i + 1)
        phi = phi / hh - 1 / factorial
      }
      let nodes = corrects ? ratios + [1] : ratios
      weights = Self.solveVandermonde(nodes, Array(sides.prefix(nodes.count)))
    }
    if corrects { ratios.append(1) }
    var estimates = [Double](repeating: 0, count: order)
    estimates[0] = -scale * phi1
    var newest = 0.0
    for (k, ratio) in ratios.enumerated() {
      let factor = -scale * stepFunction * weights[k] / ratio
      estimates[0] -= factor
      if corrects, k == ratios.count - 1 { newest = factor } else { estimates[k + 1] += factor }
    }
    return (sample, newest, estimates)
  }

  /// Solves sum_k nodes[k]^i * w[k] = sides[i], at most three unknowns.
  private static func solveVandermonde(_ nodes: [Double], _ sides: [Double]) -> [Double] {
    let count = nodes.count
    var matrix = (0..<count).map { i in nodes.map { pow($0, Double(i)) } + [sides[i]] }
    for pivot in 0..<count {
      guard let best = (pivot..<count).max(by: { abs(matrix[$0][pivot]) < abs(matrix[$1][pivot]) }) else { break }
      matrix.swapAt(pivot, best)
      for other in 0..<count where other != pivot {
        let factor = matrix[other][pivot] / matrix[pivot][pivot]
        for column in pivot...count { matrix[other][column] -= factor * matrix[pivot][column] }
      }
    }
    return (0..<count).map { matrix[$0][count] / matrix[$0][$0] }
  }
}

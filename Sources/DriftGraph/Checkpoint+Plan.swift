extension Checkpoint {
  /// Compiles a sampler for this model: `NoiseSchedule.plan`, and the check that the denoiser is defined at every step.
  public func plan(sampler: String? = nil, steps: Int, eta: Double = 0) throws(ScheduleError) -> SamplerPlan {
    let plan = try schedule.plan(sampler: sampler, steps: steps, eta: eta)
    if graph.needsPositiveTimestep, let step = plan.steps.first(where: { $0.timestep <= 0 }) {
      throw ScheduleError(
        "the model divides by the timestep or takes its logarithm, and the walk visits timestep \(step.timestep); use a schedule with steps_offset 1"
      )
    }
    return plan
  }
}

extension Graph {
  /// Whether the denoiser is undefined at timestep 0 (score SDE's embeddings).
  var needsPositiveTimestep: Bool {
    nodes.contains { node in
      switch node.operation {
      case .fourierEmbedding(_, let logarithm, _): logarithm
      case .reciprocal: true
      default: false
      }
    }
  }
}

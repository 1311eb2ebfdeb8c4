import DriftGraph

/// diffusers' scheduler classes that can be read, and what they assume where a configuration is silent.
enum SchedulerClass: String, CaseIterable {
  case ddim = "DDIMScheduler"
  case ddpm = "DDPMScheduler"
  case pndm = "PNDMScheduler"
  case euler = "EulerDiscreteScheduler"
  case ancestral = "EulerAncestralDiscreteScheduler"
  case heun = "HeunDiscreteScheduler"
  case multistep = "DPMSolverMultistepScheduler"
  case unified = "UniPCMultistepScheduler"
  case lcm = "LCMScheduler"
  case flow = "FlowMatchEulerDiscreteScheduler"

  /// The sampler that the class is.
  var sampler: String {
    switch self {
    case .ddim, .ddpm: "ddim"
    case .pndm: "pndm"
    case .euler: "euler"
    case .ancestral: "euler-ancestral"
    case .heun: "heun"
    case .multistep: "dpm"
    case .unified: "unipc"
    case .lcm: "lcm"
    case .flow: "flow"
    }
  }

  /// Whether the clean estimate is clamped by default.
  var clips: Bool { self == .ddim || self == .ddpm }

  /// First and last beta.
  var betas: ClosedRange<Double> { self == .heun || self == .lcm ? 0.00085...0.012 : 0.0001...0.02 }

  /// How timesteps are spread.
  var spacing: NoiseSchedule.Spacing {
    switch self {
    case .ddim, .ddpm, .pndm, .lcm: .leading
    default: .linspace
    }
  }
}

import DriftGraph

extension KernelCall {
  /// One step of what networks of spiking neurons do besides.
  func spike(_ input: UnsafePointer<Float>, _ operation: SpikingOperation) {
    let (count, step) = (node.shape.count, inputs.spikingStep)
    switch operation {
    case .repeated:
      out.update(from: input, count: count)
    case .integrateAndFire(let threshold):
      workspace.withMembrane(of: id, count: count, isFirst: step == 0) { membrane in
        for i in 0..<count {
          let charged = membrane[i] + input[i]
          let fires = charged >= threshold
          out[i] = fires ? 1 : 0
          membrane[i] = fires ? 0 : charged
        }
      }
    case .stepFactors(let key):
      let factors = parameter(key)
      let factor = step < factors.count ? factors[step] : 1
      for i in 0..<count { out[i] = input[i] * factor }
    case .weightedSum(let weights):
      let weight = step < weights.count ? weights[step] : 0
      workspace.withMembrane(of: id, count: count, isFirst: step == 0) { sum in
        for i in 0..<count {
          sum[i] += input[i] * weight
          out[i] = sum[i]
        }
      }
    }
  }
}

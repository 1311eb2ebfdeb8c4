import DriftEvaluation
import Testing

@Suite("Energy by table")
struct EnergyTableTests {
  @Test("of SDM's counts is what SDM publishes")
  func published() {
    // arXiv 2408.16467: 29.23 mJ for the network in single precision, 10.97 mJ for its spikes at T = 4, both from counts alone.
    var work = SpikingWork()
    (work.eventLayerProducts, work.synapticOperations, work.timeSteps) = (6.354e9, 12.19e9, 4)
    let energy = work.energy(.singlePrecision)
    #expect(abs(energy.floatMj - 29.23) < 0.01)
    #expect(abs(energy.spikingMj - 10.97) < 0.01)
    #expect(energy.spikingUpdatesMj == 0)
    // The same counts against dense int8: what the convention leaves out.
    #expect(abs(energy.denseInt8Mj - 1.906) < 0.001)
    #expect(abs(work.energy(.int8).spikingMj - 1.219) < 0.001)
    #expect(abs(work.energy(.int8NarrowSums).denseInt8Mj - 1.461) < 0.001)
  }

  @Test("bills dense layers as multiply-adds at every time step on the side of events, once on the other")
  func denseLayers() {
    var work = SpikingWork()
    (work.denseLayerProducts, work.denseLayerInt8Products, work.timeSteps) = (1e9, 2e9, 3)
    let float = work.energy(.singlePrecision), int8 = work.energy(.int8)
    #expect(abs(float.spikingMj - 13.8) < 1e-9)
    #expect(abs(float.floatMj - 4.6) < 1e-9)
    #expect(abs(int8.spikingMj - 1.8) < 1e-9)
    #expect(abs(int8.denseInt8Mj - 0.6) < 1e-9)
    #expect(float.ofDenseLayersMj == float.spikingMj && int8.ofDenseLayersMj == int8.spikingMj)
  }

  @Test("of updates stands apart: membranes and neurons at every time step, the dense layers' sums once")
  func updates() {
    var work = SpikingWork()
    (work.membranes, work.neurons, work.timeSteps) = (1e9, 2e9, 3)
    let energy = work.energy(.int8)
    #expect(energy.spikingMj == 0 && energy.denseInt8Mj == 0)
    let swept: Double = 3 * (4.6 + 0.06)
    #expect(abs(energy.spikingUpdatesMj - swept) < 1e-9)
    #expect(abs(energy.denseInt8UpdatesMj - 4.6) < 1e-9)
  }

  @Test("with memory adds the bytes that its source lists")
  func memory() {
    var work = SpikingWork()
    (work.synapticOperations, work.eventReads, work.events, work.membranes, work.neurons) = (100e9, 10e9, 1e9, 2e9, 3e9)
    work.eventLayerProducts = 200e9
    let energy = work.energy(.int8WithMemory)
    let bytes: Double = 100 + 4 * 11 + 8 * 2 + 3 * 3
    let (spiking, dense, float): (Double, Double, Double) = (10 + 2.5 * bytes, 200 * 1.08125, 200 * 7.725)
    #expect(abs(energy.spikingMj - spiking) < 1e-6)
    #expect(abs(energy.denseInt8Mj - dense) < 1e-6)
    #expect(abs(energy.floatMj - float) < 1e-6)
  }

  @Test("names each table once and says where its constants are from")
  func names() {
    #expect(Set(EnergyTable.all.map(\.name)).count == EnergyTable.all.count)
    #expect(EnergyTable.all.allSatisfy { $0.source.contains("Horowitz") })
  }
}

import CDriftFormat
import DriftEmission
import DriftFormat
import DriftSpiking
import DriftTestImages
import Testing

/// Giving neurons to integer programs.
struct SpikingImageTests {
  @Test
  func eachOperandOfAConvolutionGetsOneNeuronAndEachConvolutionItsMembranes() throws {
    let plain = TestImages.spikingNetwork(hasDecoder: false)
    let image = try plain.spiking()
    let sends = image.operators.filter { $0.record.opcode == DRIFT_OP_SEND.rawValue }
    let operands = plain.operators.compactMap { operation -> Int32? in
      guard operation.record.opcode == DRIFT_OP_CONVOLUTION.rawValue else { return nil }
      return plain.tensors[Int(operation.record.inputs.0)].type == DRIFT_TYPE_INT8 ? operation.record.inputs.0 : nil
    }
    #expect(sends.map(\.record.inputs.0).sorted() == Array(Set(operands)).sorted())
    #expect(
      image.operators.count { $0.record.inputs.3 >= 0 && $0.record.opcode == DRIFT_OP_CONVOLUTION.rawValue } == operands.count)
    #expect(image.constants.count { $0.kind == DRIFT_CONSTANT_ROWS } == operands.count)
  }

  @Test
  func rowsHoldTheWeightsOnceMore() throws {
    let image = try TestImages.spikingNetwork().spiking()
    for operation in image.operators where operation.record.constants.4 >= 0 {
      let (packed, rows) = (
        image.constants[Int(operation.record.constants.0)], image.constants[Int(operation.record.constants.4)]
      )
      let (words, width) = ((packed.inputs + 3) / 4, (packed.outputs + 15) / 16 * 16)
      var isEqual = rows.bytes.count == packed.taps * packed.inputs * width
      for output in 0..<packed.outputs {
        for input in 0..<packed.inputs {
          for tap in 0..<packed.taps {
            let block = (output / 16 * packed.taps + tap) * words + input / 4
            let expected = packed.bytes[block * 64 + output % 16 * 4 + input % 4]
            isEqual = isEqual && rows.bytes[(tap * packed.inputs + input) * width + output] == expected
          }
        }
      }
      #expect(isEqual, "\(operation.name)")
    }
  }

  @Test
  func aThresholdReachesEveryNeuron() throws {
    let image = try TestImages.spikingNetwork().spiking(threshold: 3)
    #expect(image.operators.filter { $0.record.opcode == DRIFT_OP_SEND.rawValue }.allSatisfy { $0.record.threshold == 3 })
  }

  @Test
  func programsThatTakeTurnsAreRefusedByName() {
    #expect {
      _ = try TestImages.cached().spiking()
    } throws: { error in
      "\(error)".contains("near") && "\(error)".contains("--step-cache")
    }
  }

  @Test
  func aProgramWithoutLevelsToSendIsRefused() {
    var image = TestImages.minimal()
    for index in image.operators.indices where image.operators[index].record.opcode == DRIFT_OP_CONVOLUTION.rawValue {
      let input = Int(image.operators[index].record.inputs.0)
      image.tensors[input].type = DRIFT_TYPE_INT8_PAIR
      image.tensors[input].levels = nil
    }
    #expect(throws: SpikingError.noNeurons) { _ = try image.spiking() }
  }
}

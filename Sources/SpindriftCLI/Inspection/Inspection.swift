/// What a `.drift` file holds. Encoded with snake-case keys it is the JSON of `spindrift inspect`.
struct Inspection: Encodable {
  /// One program.
  struct Program: Encodable {
    var name: String
    /// denoiser or decoder: run at steps, or once after them.
    var role: String
    var inputTensor: Int
    var outputTensor: Int
    /// Steps that run it.
    var steps: Int
    /// Multiply-adds of int8 operands for one answer.
    var multiplyAdds: Int
    var operators: [Operator]
  }

  /// One operator; indices are those of `tensors` and `constants`.
  struct Operator: Encodable {
    var name: String
    var opcode: String
    var inputs: [Int]
    var output: Int
    /// The trunk tensor that a convolution adds.
    var residual: Int?
    /// The state that the operator keeps: a neuron's tracer, a convolution's or neuron's membranes.
    var state: Int?
    var constants: [Int]
    var kernel: [Int]?
    var stride: Int?
    /// none, nearest or phases.
    var upsample: String?
    var activation: String?
    var groups: Int?
    var heads: Int?
    /// What the membranes of neurons must reach.
    var threshold: Float?
    /// Greatest change of level that neurons do not send; above 0 the result is not the exact one.
    var hysteresis: Int?
    /// First column of the step table that it reads.
    var stepColumn: Int?
    /// First column of the step table that its gate takes.
    var gateColumn: Int?
    /// What a normalization takes statistics over, or what chooses a stored tensor's row.
    var mode: String?
    var scratchBytes: UInt64
    /// Multiply-adds of int8 operands; 16-bit operands count twice.
    var multiplyAdds: Int
    /// Inputs, output and constants, each once.
    var bytesMoved: Int
  }

  /// An activation.
  struct Tensor: Encodable {
    var name: String
    var type: String
    /// Channels, height, width.
    var shape: [Int]
    var arenaOffset: UInt64
    var byteLength: UInt64
    var isPersistent: Bool
    /// Kept for programs of later steps.
    var isKept: Bool
    /// Steps from the least to the greatest value of int8.
    var levels: Int?
    /// One per step group.
    var scales: [Float]
    var zeroPoints: [Int32]
  }

  /// Weights, biases, tables.
  struct Constant: Encodable {
    var name: String
    var kind: String
    /// Outputs, taps, inputs of weights; rows and values of a row; the number of elements otherwise.
    var shape: [Int]
    var bytes: UInt64
  }

  /// Consecutive steps that share scales.
  struct StepGroup: Encodable {
    var group: Int
    var firstStep: Int
    var lastStep: Int
  }

  /// How a step guides.
  struct StepGuidance: Encodable {
    /// `full`, `skipped` or `estimated`.
    var kind: String
    /// Of the estimate: factors of the null class's last answer, the class's last and the class's now.
    var factors: [Float]?
  }

  var path: String
  var version: String
  var fileBytes: Int
  var sampleShape: [Int]
  /// The sample's, unless a decoder makes another of it.
  var pictureShape: [Int]
  var dataRange: [Float]
  var classCount: Int
  var nullClass: Int?
  var prediction: String
  var clippedEpsilon: Bool
  var arenaBytes: UInt64
  var arenaLowerBoundBytes: UInt64
  var threadBytes: UInt64
  /// Of one copy of the kept tensors.
  var keptBytes: UInt64
  var maxThreads: Int
  var steps: Int
  var stepGroups: Int
  /// Runs of a program for one answer of neurons with membranes; absent for others.
  var spikeSteps: Int?
  var stepTableBytes: Int
  var timesteps: [Float]
  var groupRanges: [StepGroup]
  /// One a step; empty without a null class.
  var guidance: [StepGuidance]
  /// Evaluations of the denoiser for one picture that is guided.
  var guidedEvaluationsPerPicture: Int?
  /// Program of each step.
  var stepPrograms: [Int]
  /// Mean over the steps.
  var multiplyAddsPerStep: Int
  var programs: [Program]
  var tensors: [Tensor]
  var constants: [Constant]
  var metadata: [String: String]
}

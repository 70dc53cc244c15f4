import COneDNN
import Machine
import WeightSpace

/// The addresses of the flat vectors that a plan works on just now.
@safe
final class FlatVectors {
  @unsafe var weights: UnsafePointer<Float>?
  @unsafe var statistics: UnsafePointer<Float>?
  @unsafe var gradient: UnsafeMutablePointer<Float>?
  @unsafe var direction: UnsafePointer<Float>?
}

/// What decides the dropout masks of one pass: they are a function of (seed, pass, layer, element).
final class DropoutState {
  var seed: UInt64 = 0
  var pass: UInt64 = 0
}

/// Everything a network does for one batch size, drawn up once: oneDNN primitives with their
/// arguments bound, and the few steps of our own between them.
@safe
final class Plan {
  let batchSize: Int
  let outputs: Memory
  let outputGradient: Memory?
  /// The outputs' derivative along the direction, J v, and that of the outputs' gradient.
  let outputTangent: Memory?
  let outputGradientTangent: Memory?
  let statistics: [BatchStatistics]
  let dropout: DropoutState
  /// In the order of the network's nodes.
  let taps: [Tap]
  /// The names of all implementations, for tests.
  let implementations: [String]

  private let input: Memory
  private let vectors: FlatVectors
  private let bindings: PlanBindings
  private let prepareSteps: [PlanStep]
  private let forwardSteps: [PlanStep]
  private let tangentSteps: [PlanStep]
  private let backwardSteps: [PlanStep]

  /// - Parameter checked: refuse what does not fit into memory, as it must where the plan is to run.
  init(
    _ network: Network, _ options: PlanOptions, batchSize: Int, checked: Bool = true
  ) throws {
    if checked {
      var need = MemoryNeed("\(network.architecture.name)")
      need.add(
        network.activationBytes(batchSize: batchSize, backward: options.contains(.backward)),
        "the activations of a batch of \(batchSize)")
      try need.check()
    }
    var builder = try PlanBuilder(network, options, batchSize: batchSize)
    try builder.build()
    self.batchSize = batchSize
    outputs = builder.outputs!
    outputGradient = builder.outputGradient
    outputTangent = builder.outputTangent
    outputGradientTangent = builder.outputGradientTangent
    statistics = builder.statistics
    dropout = builder.dropout
    taps = builder.taps.reversed()
    implementations = builder.implementations
    input = builder.input
    vectors = builder.vectors
    bindings = builder.bindings
    prepareSteps = builder.prepare
    forwardSteps = builder.forward
    tangentSteps = builder.tangent
    backwardSteps = builder.backward
  }

  /// Points the plan at the vectors and reorders the weights into oneDNN's layouts. The vectors
  /// must live until the last call that uses them.
  @unsafe func prepare(
    weights: UnsafePointer<Float>, statistics: UnsafePointer<Float>?,
    gradient: UnsafeMutablePointer<Float>?, direction: UnsafePointer<Float>? = nil
  ) {
    if unsafe vectors.weights != weights {
      unsafe vectors.weights = weights
      for case (let memory, let offset) in bindings.weights {
        unsafe memory.bind(UnsafeMutableRawPointer(mutating: weights + offset))
      }
    }
    if let statistics = unsafe statistics, unsafe vectors.statistics != statistics {
      unsafe vectors.statistics = statistics
      for case (let memory, let offset) in bindings.statistics {
        unsafe memory.bind(UnsafeMutableRawPointer(mutating: statistics + offset))
      }
    }
    if let gradient = unsafe gradient, unsafe vectors.gradient != gradient {
      unsafe vectors.gradient = gradient
      for case (let memory, let offset) in bindings.gradient {
        unsafe memory.bind(UnsafeMutableRawPointer(gradient + offset))
      }
    }
    if let direction = unsafe direction, unsafe vectors.direction != direction {
      unsafe vectors.direction = direction
      for case (let memory, let offset) in bindings.direction {
        unsafe memory.bind(UnsafeMutableRawPointer(mutating: direction + offset))
      }
    }
    for step in prepareSteps { step.run() }
  }

  /// Reads a batch [N, …] in row-major order and leaves the result in `outputs`. The batch must
  /// stay where it is until the backward pass is over.
  @unsafe func runForward(_ batch: UnsafePointer<Float>) {
    unsafe bind(batch)
    for step in forwardSteps { step.run() }
  }

  @unsafe private func bind(_ batch: UnsafePointer<Float>) {
    let address = unsafe UnsafeMutableRawPointer(mutating: batch)
    unsafe input.bind(address)
    for view in bindings.input { unsafe view.bind(address) }
  }

  /// The derivative of the forward pass along the direction, up to `outputTangent`.
  func runTangent() { for step in tangentSteps { step.run() } }

  /// From `outputGradient` to the flat gradient.
  func runBackward() { for step in backwardSteps { step.run() } }

  /// Result i of the batch as the layout of `outputs` has it: [N, outputs] row-major.
  var outputSpan: UnsafeMutableBufferPointer<Float> {
    unsafe span(outputs)
  }
  var outputGradientSpan: UnsafeMutableBufferPointer<Float> { unsafe span(outputGradient!) }
  var outputTangentSpan: UnsafeMutableBufferPointer<Float> { unsafe span(outputTangent!) }
  var outputGradientTangentSpan: UnsafeMutableBufferPointer<Float> {
    unsafe span(outputGradientTangent!)
  }
  private func span(_ memory: Memory) -> UnsafeMutableBufferPointer<Float> {
    unsafe memory.buffer!.floats(outputs.layout.shape.reduce(1, *))
  }

  /// What its primitives share besides the buffers, in bytes: the most that one of them wants.
  var scratchpadBytes: Int {
    (prepareSteps + forwardSteps + tangentSteps + backwardSteps).map { step in
      if case .call(let call) = step { call.primitive.scratchpadBytes } else { 0 }
    }.max() ?? 0
  }

  /// Time of every step of one pass, for profiles: (implementation, seconds).
  @unsafe func profile(_ batch: UnsafePointer<Float>, clock: () -> Double) -> [(String, Double)] {
    unsafe bind(batch)
    return (prepareSteps + forwardSteps + tangentSteps + backwardSteps).map { step in
      let start = clock()
      step.run()
      return (step.name, clock() - start)
    }
  }
}

/// Which memories lie in which flat vector, and where (in elements).
struct PlanBindings {
  var input: [Memory] = []
  var weights: [(Memory, Int)] = []
  var statistics: [(Memory, Int)] = []
  var gradient: [(Memory, Int)] = []
  var direction: [(Memory, Int)] = []
}

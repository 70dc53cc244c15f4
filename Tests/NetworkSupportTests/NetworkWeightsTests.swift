import Files
import NetworkSupport
import NeuralNetworks
import TestSupport
import Testing
import TrajectoryFiles
import WeightSpace

/// Snapshots of a file as vectors of a network.
@Suite struct NetworkWeightsTests {
  let folder = Folder()

  static let json = """
    {"name": "norm", "input": [2, 3, 3], "outputs": 2, "layers": [
      {"name": "c", "type": "convolution", "outputs": 3, "kernel": 2},
      {"name": "n", "type": "batch-norm"}, {"name": "f", "type": "flatten"},
      {"name": "d", "type": "dense", "outputs": 2}]}
    """

  /// A file of two snapshots whose tensors are in another order: element j of a tensor is
  /// 1000 · snapshot + 100 · the tensor's place in the network + j.
  func write(_ network: Network, _ name: String, buffers: Bool, variance: Float = 1) throws
    -> String
  {
    func reversed(_ layout: VectorLayout) -> VectorLayout {
      VectorLayout(layout.slots.reversed().map { ($0.name, $0.shape, $0.role) })
    }
    func fill(_ layout: VectorLayout, _ own: VectorLayout, _ snapshot: Int) -> WeightVector {
      WeightVector(
        layout.slots.flatMap { slot in
          let place = own.slots.firstIndex { $0.name == slot.name }!
          return slot.range.indices.map { j in
            let value = Float(1000 * snapshot + 100 * place + j - slot.range.lowerBound)
            return slot.role == .runningVariance && snapshot == 1 ? variance * value : value
          }
        })
    }
    let weights = reversed(network.parameterLayout)
    let statistics = reversed(network.bufferLayout)
    let path = folder.file(name)
    let writer = try TrajectoryWriter(
      to: OutputTarget(path), layout: weights, bufferLayout: buffers ? statistics : nil,
      architecture: Self.json)
    for snapshot in 0..<2 {
      let w = fill(weights, network.parameterLayout, snapshot)
      if buffers {
        let b = fill(statistics, network.bufferLayout, snapshot)
        try writer.append(w, buffers: b)
      } else {
        try writer.append(w)
      }
    }
    try writer.finish()
    return path
  }

  @Test func tensorsAreMatchedByName() throws {
    let network = try Network(Architecture(json: Self.json))
    let path = try write(network, "run.h5", buffers: true)
    let file = try NetworkWeights(
      TrajectoryReader(path), ModelSource(model: nil), input: [2, 3, 3])
    try file.requireStatistics()
    var weights = WeightVector(count: network.parameterCount)
    var buffers = WeightVector(count: network.bufferLayout.count)
    for snapshot in [1, 0] {
      try file.read(snapshot, weights: &weights, buffers: &buffers)
      for (place, slot) in network.parameterLayout.slots.enumerated() {
        for (j, i) in slot.range.enumerated() {
          #expect(weights[i] == Float(1000 * snapshot + 100 * place + j))
        }
      }
      for (place, slot) in network.bufferLayout.slots.enumerated() {
        for (j, i) in slot.range.enumerated() {
          #expect(buffers[i] == Float(1000 * snapshot + 100 * place + j))
        }
      }
    }
  }

  @Test func statisticsThatAreMissingOrWrong() throws {
    let network = try Network(Architecture(json: Self.json))
    let bare = try NetworkWeights(
      TrajectoryReader(write(network, "swa.h5", buffers: false)), ModelSource(model: nil),
      input: [2, 3, 3])
    #expect(!bare.hasStatistics)
    #expect(message { try bare.requireStatistics() }?.contains("run bn-update") == true)
    let negative = try NetworkWeights(
      TrajectoryReader(write(network, "bad.h5", buffers: true, variance: -1)),
      ModelSource(model: nil), input: [2, 3, 3])
    var weights = WeightVector(count: network.parameterCount)
    var buffers = WeightVector(count: network.bufferLayout.count)
    try negative.read(0, weights: &weights, buffers: &buffers)
    let words = message { try negative.read(1, weights: &weights, buffers: &buffers) }
    #expect(words?.contains("buffers/n.running_var: a negative variance in snapshot 1") == true)
    // Weights alone can be read.
    try negative.readWeights(1, into: &weights)
  }

  @Test func anotherNetwork() throws {
    let network = try Network(Architecture(json: Self.json))
    let path = try write(network, "run.h5", buffers: true)
    let words = message {
      _ = try NetworkWeights(
        TrajectoryReader(path), ModelSource(model: "mlp:3"), input: [2, 3, 3])
    }
    #expect(words?.contains("weights/model.") == true && words?.contains("for mlp:3") == true)
  }
}

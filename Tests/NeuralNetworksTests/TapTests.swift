import Objectives
import TestSupport
import Testing
import WeightSpace

@testable import NeuralNetworks

@Suite struct TapTests {
  /// Σ over rows of (∂loss/∂y) xᵀ is the weight's gradient and Σ ∂loss/∂y the bias's, for every linear
  /// map of networks with every kind of layout; and the taps change neither loss nor gradient.
  @Test(arguments: TestNetworks.names, [ObjectiveMode.training, .evaluation])
  func tapsMakeTheGradient(_ name: String, _ mode: ObjectiveMode) throws {
    let network = try TestNetworks.network(name)
    let loss = TestNetworks.loss(name)
    let objective = try NetworkObjective(network, loss: loss, mode: mode)
    let weights = TestNetworks.weights(network)
    let count = 5
    let batch = TestNetworks.batch(network, loss, count: count)
    var plain = WeightVector(count: weights.count)
    let expected = try objective.valueAndGradient(at: weights, batch, Step(), gradient: &plain)
    var gradient = WeightVector(count: weights.count)
    var met: [LinearMap] = []
    var sums: [String: [Double]] = [:]
    let result = try objective.valueAndGradient(
      at: weights, batch, Step(), gradient: &gradient
    ) { map, inputs, gradients in
      met.append(map)
      let rows = count * map.places
      try #require(inputs.count == rows * map.inputs)
      try #require(gradients.count == rows * map.outputs)
      var weight = [Double](repeating: 0, count: map.inputs * map.outputs)
      var bias = [Double](repeating: 0, count: map.outputs)
      for r in 0..<rows {
        for o in 0..<map.outputs {
          let g = Double(gradients[r * map.outputs + o])
          bias[o] += g
          for i in 0..<map.inputs {
            weight[o * map.inputs + i] += g * Double(inputs[r * map.inputs + i])
          }
        }
      }
      sums[map.weight] = weight
      if let name = map.bias { sums[name] = bias }
    }
    #expect(result == expected && gradient.elements == plain.elements)
    #expect(met == objective.linearMaps)
    let largest = plain.norm
    for slot in network.parameterLayout.slots where slot.role == .weight || slot.role == .bias {
      let found = try #require(sums[slot.name])
      let wanted = plain.elements[slot.range]
      let error = zip(found, wanted).map { abs($0 - Double($1)) }.max()!
      #expect(error < 1e-6 * max(largest, 1), "\(name), \(mode): \(slot.name) by \(error)")
    }
  }
}

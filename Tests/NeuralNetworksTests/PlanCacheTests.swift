import Objectives
import Testing
import WeightSpace

@testable import NeuralNetworks

@Suite struct PlanCacheTests {
  /// The plan that was used longest ago makes room, and a plan that is kept is not drawn up again.
  @Test func leastRecentlyUsed() throws {
    let network = try TestNetworks.network("squared error")
    var cache = PlanCache(network, .training, capacity: 3)
    let first = try cache.plan(1)
    for size in [2, 3] { _ = try cache.plan(size) }
    #expect(cache.batchSizes == [3, 2, 1])
    #expect(try cache.plan(1) === first)
    #expect(cache.batchSizes == [1, 3, 2])
    _ = try cache.plan(4)
    #expect(cache.batchSizes == [4, 1, 3])
    #expect(try cache.plan(1) === first)
    _ = try cache.plan(2)
    #expect(cache.batchSizes == [2, 1, 4])
  }

  /// Batches of many sizes: their plans come and go, and what they compute does not depend on it.
  @Test func manySizes() throws {
    let network = try TestNetworks.network("squared error")
    let weights = TestNetworks.weights(network)
    func value(_ objective: NetworkObjective, _ count: Int) throws -> [Float] {
      var gradient = WeightVector(count: network.parameterCount)
      let batch = TestNetworks.batch(network, .squaredError, count: count)
      _ = try objective.valueAndGradient(
        at: weights, batch, Step(), gradient: &gradient)
      return gradient.elements
    }
    let objective = try NetworkObjective(network, loss: .squaredError)
    for count in (1...12) + [1, 12, 6] {
      let fresh = try NetworkObjective(network, loss: .squaredError)
      #expect(try value(objective, count) == value(fresh, count))
    }
  }

  /// A plan frees its buffers when it makes room.
  @Test func freesWhatMadeRoom() throws {
    let network = try TestNetworks.network("squared error")
    var cache = PlanCache(network, .prediction, capacity: 1)
    weak let plan = try cache.plan(5)
    #expect(plan != nil)
    _ = try cache.plan(6)
    #expect(plan == nil)
  }
}

/// The plans of one network for the few batch sizes that are in use.
///
/// A plan holds the activations of its batch size, so batches of many sizes would fill the memory:
/// beyond `capacity` the plan that was used longest ago makes room.
struct PlanCache {
  let network: Network
  let options: PlanOptions
  let capacity: Int
  /// The latest used first.
  private var plans: [Plan] = []

  /// - Parameter capacity: an epoch has two sizes of batches, its last one being smaller, and so may
  ///   the validation set.
  init(_ network: Network, _ options: PlanOptions, capacity: Int = 4) {
    precondition(capacity > 0)
    self.network = network
    self.options = options
    self.capacity = capacity
  }

  /// The sizes of the batches whose plans are kept, the latest used first.
  var batchSizes: [Int] { plans.map(\.batchSize) }

  /// The plan for a batch size, drawn up where it is not kept.
  mutating func plan(_ batchSize: Int) throws -> Plan {
    if let first = plans.first, first.batchSize == batchSize { return first }
    if let known = plans.firstIndex(where: { $0.batchSize == batchSize }) {
      plans.insert(plans.remove(at: known), at: 0)
    } else {
      if plans.count == capacity { plans.removeLast() }
      plans.insert(try Plan(network, options, batchSize: batchSize), at: 0)
    }
    return plans[0]
  }
}

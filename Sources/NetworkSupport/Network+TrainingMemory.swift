import Datasets
import Machine
import NeuralNetworks

extension Network {
  /// Throws `MemoryShortage` where so many vectors of P weights, and what a batch needs, exceed the
  /// memory that this process may use, which allocating them would not survive.
  ///
  /// - Parameters:
  ///   - batchSize: examples that go through the network together, forward and backward; nil for none.
  ///   - work: "training them", "sampling".
  public func checkMemory(vectors: Int, batchSize: Int? = nil, for work: String) throws {
    var need = vectorNeed(vectors: vectors, for: work)
    if let batchSize {
      need.add(
        activationBytes(batchSize: batchSize, backward: true),
        "the activations of a batch of \(batchSize)")
    }
    try need.check()
  }

  /// What so many vectors of P weights take.
  public func vectorNeed(vectors: Int, for work: String) -> MemoryNeed {
    var need = MemoryNeed("\(architecture.name) has \(parameterCount) weights; \(work)")
    need.add(
      Double(parameterCount) * 4 * Double(vectors),
      "\(vectors) vectors of all weights")
    return need
  }
}

import NeuralNetworks
import WeightSpace

/// An objective over batches of examples that training can run: a network, or anything that makes
/// one from its flat vector (a point on a curve, a point of a subspace).
public protocol BatchObjective: StochasticObjective where Batch == NetworkBatch {
  /// What the last call of `valueAndGradient` found.
  var last: BatchLoss { get }
  /// Number of the training step; random parts of the objective are a function of it.
  var step: UInt64 { get set }
  /// Moves running statistics towards those of the last batch.
  func updateRunningStatistics(_ buffers: inout WeightVector)
}

extension NetworkObjective: BatchObjective {}

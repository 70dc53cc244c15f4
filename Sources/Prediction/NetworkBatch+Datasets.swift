import Datasets
import NeuralNetworks

extension NetworkBatch {
  /// A loaded batch as the network reads it. Shares the arrays: let go of this value before the
  /// next batch is loaded, or they are copied.
  public init(_ batch: Batch) {
    self.init(
      inputs: batch.inputs,
      targets: batch.values.isEmpty ? .classes(batch.classes) : .values(batch.values),
      count: batch.count)
  }
}

import Datasets
import NetworkSupport
import NeuralNetworks
import Training

extension RunSettings {
  /// What decides the weights of nn-train. The number of epochs is not part of it, so that a run can
  /// be made longer where its schedule does not depend on that.
  init(
    _ tool: NnTrain, _ dataset: Dataset, _ network: Network, _ loss: Loss, _ rule: SnapshotRule
  ) {
    self.init(
      [
        ("--model", network.architecture.json()), ("--loss", loss.rawValue),
        ("the data's examples", "\(dataset.count) of shape \(dataset.inputShape)"),
        ("the data's digest", dataset.digest), ("--seed", "\(tool.seed.seed)"),
        ("--augment", tool.augmentation.augment ?? "none"), ("--init", tool.initial ?? "none"),
        ("the snapshots", "\(rule)"),
      ] + tool.training.settings)
  }
}

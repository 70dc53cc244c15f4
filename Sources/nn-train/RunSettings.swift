import Datasets
import NeuralNetworks
import Training

/// What decides the weights of a run, as text: a resumed run must have it in common with the run
/// it goes on with. The number of epochs is not part of it, so that a run can be made longer where
/// its schedule does not depend on that.
struct RunSettings {
  private let lines: [(name: String, value: String)]

  init(
    _ tool: NnTrain, _ dataset: Dataset, _ network: Network, _ loss: Loss, _ rule: SnapshotRule
  ) {
    lines =
      [
        ("--model", network.architecture.json()), ("--loss", loss.rawValue),
        ("the data's examples", "\(dataset.count) of shape \(dataset.inputShape)"),
        ("the data's digest", dataset.digest), ("--seed", "\(tool.seed.seed)"),
        ("--augment", tool.augmentation.augment ?? "none"), ("--init", tool.initial ?? "none"),
        ("the snapshots", "\(rule)"),
      ] + tool.training.settings
  }

  var text: String { lines.map { "\($0.name)=\($0.value)" }.joined(separator: "\n") }

  /// The first difference in words, nil if there is none.
  func difference(from stored: String) -> String? {
    let old = stored.split(separator: "\n", omittingEmptySubsequences: false)
    for (i, line) in lines.enumerated() {
      let prefix = line.name + "="
      let value =
        i < old.count && old[i].hasPrefix(prefix) ? String(old[i].dropFirst(prefix.count)) : "?"
      if value != line.value { return "\(line.name) was \(value), not \(line.value)" }
    }
    return nil
  }
}

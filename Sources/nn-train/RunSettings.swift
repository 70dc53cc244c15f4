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

extension Dataset {
  /// A number that differs for data that differ: FNV-1a over at most a million elements spread over
  /// the inputs, all targets, and the constants.
  fileprivate var digest: String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ word: UInt64) { hash = (hash ^ word) &* 0x100_0000_01b3 }
    let stride = max(1, inputs.count >> 20)
    switch inputs {
    case .bytes(let bytes):
      for i in Swift.stride(from: 0, to: bytes.count, by: stride) { mix(UInt64(bytes[i])) }
    case .floats(let values):
      for i in Swift.stride(from: 0, to: values.count, by: stride) {
        mix(UInt64(values[i].bitPattern))
      }
    }
    switch targets {
    case .classes(let classes): for c in classes { mix(UInt64(bitPattern: Int64(c))) }
    case .values(let values, _): for v in values { mix(UInt64(v.bitPattern)) }
    }
    for v in inputMean + inputStd + targetMean + targetStd { mix(UInt64(v.bitPattern)) }
    return String(hash, radix: 16)
  }
}

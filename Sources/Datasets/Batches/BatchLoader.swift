import Randomness

/// Cuts a data set into batches: batch k of epoch e is a pure function of (seed, e, k).
///
/// With `shuffle` the order of an epoch is a permutation drawn from (seed, e); augmentation of
/// example i depends on (seed, e, i) only, so it is the same whatever the batch size. Without
/// shuffling and augmentation every epoch is the data set in its own order, as evaluation wants
/// it. The last batch may be smaller; it is kept.
///
/// Inputs come out as (x − mean) / std by the data set's constants, bytes as x = byte / 255; pad
/// pixels of the random crop are x = 0. Cost of one batch: O(batch size × features), a tenth
/// of a millisecond for 128 × 3 × 32 × 32 bytes; the first batch of a shuffled epoch also O(N) for the permutation.
public struct BatchLoader: Sendable {
  public let dataset: Dataset
  public let batchSize: Int
  public let augmentation: Augmentation
  public let seed: UInt64
  public let shuffle: Bool
  private let normalizer: Normalizer
  private var order: [Int32] = []
  private var orderedEpoch = -1

  /// - Precondition: `batchSize` is positive, and only images are augmented.
  public init(
    _ dataset: Dataset, batchSize: Int, augmentation: Augmentation = .none, seed: UInt64 = 0,
    shuffle: Bool = false
  ) {
    precondition(batchSize > 0, "a batch has at least one example")
    precondition(augmentation.isNone || dataset.isImages, "only images can be augmented")
    self.dataset = dataset
    self.batchSize = batchSize
    self.augmentation = augmentation
    self.seed = seed
    self.shuffle = shuffle
    normalizer = Normalizer(dataset)
  }

  /// The number of batches of an epoch, ⌈N / batchSize⌉.
  public var batchCount: Int { (dataset.count + batchSize - 1) / batchSize }

  /// The number of examples of batch `k`: `batchSize`, or what remains for the last.
  public func count(ofBatch k: Int) -> Int {
    min(batchSize, dataset.count - k * batchSize)
  }

  /// Fills `batch` with batch `k` of `epoch`.
  ///
  /// - Precondition: 0 ≤ k < `batchCount`, 0 ≤ epoch.
  public mutating func load(batch k: Int, epoch: Int = 0, into batch: inout Batch) {
    precondition(epoch >= 0, "no such epoch")
    if shuffle && orderedEpoch != epoch {
      order = Self.permutation(count: dataset.count, seed: seed, epoch: epoch)
      orderedEpoch = epoch
    }
    loadTargets(batch: k, into: &batch)
    let first = k * batchSize
    let count = count(ofBatch: k)
    var output = batch.inputs.mutableSpan
    for position in 0..<count {
      let index = index(at: first + position)
      normalizer.write(
        example: index, of: dataset.inputs,
        placement: augmentation.draw(seed: seed, epoch: epoch, index: index),
        to: &output, row: position)
    }
  }

  /// Makes room for batch `k`, of the epoch that was loaded last, and fills in its targets alone, for which
  /// the data set needs no inputs.
  public func loadTargets(batch k: Int, into batch: inout Batch) {
    precondition(k >= 0 && k < batchCount, "no such batch")
    let count = count(ofBatch: k)
    let width = if case .values(_, let width) = dataset.targets { width } else { 0 }
    batch.resize(
      count: count, features: dataset.featureCount, classes: dataset.isClassification,
      width: width)
    for position in 0..<count {
      writeTargets(of: index(at: k * batchSize + position), to: &batch, row: position)
    }
  }

  private func index(at position: Int) -> Int {
    shuffle ? Int(order[position]) : position
  }

  private func writeTargets(of index: Int, to batch: inout Batch, row: Int) {
    switch dataset.targets {
    case .classes(let classes): batch.classes[row] = classes[index]
    case .values(let values, let width):
      for j in 0..<width {
        batch.values[row * width + j] = normalizer.target(values[index * width + j], output: j)
      }
    }
  }

  /// The order of the examples in an epoch (Fisher–Yates).
  static func permutation(count: Int, seed: UInt64, epoch: Int) -> [Int32] {
    var stream = Stream.permutation(epoch: epoch).start(seed: seed)
    var order = Array(Int32(0)..<Int32(count))
    for last in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(last, Int(stream.uniform(below: UInt32(last + 1))))
    }
    return order
  }
}

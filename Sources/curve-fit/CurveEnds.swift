import Datasets
import Files
import NetworkSupport
import NeuralNetworks
import TrajectoryFiles
import WeightSpace

/// The two ends of a curve: weights of one network.
struct CurveEnds {
  private let files: [NetworkWeights]

  var network: Network { files[0].network }
  var histories: [[String]] { files.map(\.reader.history) }

  /// - Throws: `FileError` for files of different networks or that do not suit the data;
  ///   `NetworkError`.
  init(_ first: String, _ last: String, model: String?, for dataset: Dataset) throws {
    let readers = try [first, last].map { try TrajectoryReader($0) }
    let (a, b) = (readers[0], readers[1])
    if let (tensor, problem) = b.layout.firstDifference(from: a.layout, named: a.name) {
      throw FileError(.wrongData, file: b.name, object: "weights/\(tensor)", problem)
    }
    files = try readers.map {
      try NetworkWeights($0, ModelSource(model: model), input: dataset.inputShape)
    }
    guard files[1].network.architecture == network.architecture else {
      throw FileError(
        .wrongData, file: b.name, object: "architecture",
        "differs from that of \(a.name); say with --model which is meant")
    }
    try dataset.check(fits: network, loss: dataset.loss(for: network))
  }

  /// Both weights, one after the other.
  ///
  /// - Throws: `FileError`, also of kind `wrongData` where both are the same.
  func read() throws -> WeightVector {
    let count = network.parameterCount
    var ends = WeightVector(count: 2 * count)
    var weights = WeightVector(count: count)
    for (k, file) in files.enumerated() {
      try file.readWeights(file.reader.snapshotCount - 1, into: &weights)
      ends.copy(row: k, from: weights)
    }
    let distance = ends.withSpan(0..<count) { a in
      ends.withSpan(count..<(2 * count)) { b in a.squaredDistance(to: b) }
    }
    guard distance > 0 else {
      throw FileError(
        .wrongData, file: files[1].reader.name,
        "has the same weights as \(files[0].reader.name); a curve needs two ends")
    }
    return ends
  }
}

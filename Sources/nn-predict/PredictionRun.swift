import Datasets
import Files
import NetworkSupport
import NeuralNetworks
import Prediction
import ToolSupport
import TrajectoryFiles

/// Predicts a data set with every snapshot of every file, so many rows at a time that their sums need
/// little memory: for each block of rows the weights are read again.
struct PredictionRun {
  let files: [NetworkWeights]
  let dataset: Dataset
  /// Examples in a batch.
  let batchSize: Int
  /// Predictions of each snapshot.
  let draws: Int
  /// Of the units that are dropped; nil to drop none.
  let dropoutSeed: UInt64?
  let noiseStd: Double
  let quiet: Bool

  /// Sums of a block of rows, in numbers.
  private static let numbersPerBlock = 4 << 20

  init(
    files: [NetworkWeights], dataset: Dataset, batchSize: Int, draws: Int, dropoutSeed: UInt64?,
    noiseStd: Double, quiet: Bool
  ) {
    self.files = files
    self.dataset = dataset
    self.batchSize = min(batchSize, dataset.count)
    self.draws = draws
    self.dropoutSeed = dropoutSeed
    self.noiseStd = noiseStd
    self.quiet = quiet
  }

  /// Whole batches.
  var rowsPerBlock: Int { max(1, Self.numbersPerBlock / width / batchSize) * batchSize }

  private var network: Network { files[0].network }
  var width: Int {
    network.predictsVariance ? network.outputCount / 2 : network.outputCount
  }
  /// How many predictions are averaged.
  var memberCount: Int { draws * files.reduce(0) { $0 + $1.reader.snapshotCount } }
  var kind: PredictionKind {
    dataset.isRegression(for: network)
      ? .regression(outputs: width) : .classification(classes: width)
  }
  var classNames: [String] { dataset.classNames.count == width ? dataset.classNames : [] }

  /// What cannot be measured of the predictions; nil where all can.
  var remark: String? {
    dataset.remark(predicting: width, isRegression: dataset.isRegression(for: network))
  }

  func write(to writer: PredictionsWriter, members: Bool) throws {
    let progress = ProgressBar(
      "predicting", total: dataset.count * memberCount, unit: "examples", quiet: quiet)
    var done = 0
    var predictor = try Predictor(network, batchSize: batchSize, dropoutSeed: dropoutSeed)
    for start in stride(from: 0, to: dataset.count, by: rowsPerBlock) {
      let rows = start..<min(start + rowsPerBlock, dataset.count)
      var mean = PredictiveMean(dataset, network, rows: rows, noiseStd: noiseStd)
      for file in files {
        // One at a time, and one for all files of a network.
        if predictor.network.architecture != file.network.architecture {
          predictor = try Predictor(
            file.network, batchSize: batchSize, dropoutSeed: dropoutSeed)
        }
        for i in 0..<file.reader.snapshotCount {
          try predictor.load { try file.read(i, weights: &$0, buffers: &$1) }
          for _ in 0..<draws {
            let member = mean.memberCount
            // No two batches of any member drop the same units.
            predictor.dropoutPass = UInt64(member * batchCount + start / batchSize)
            try file.naming(i, on: dataset.name) {
              try mean.add(
                predictor,
                progress: {
                  done += $0
                  progress.update(done)
                }, each: members ? { try writer.write($0, member: member) } : nil)
            }
          }
        }
      }
      try writer.write(mean)
    }
    progress.clear()
    try writer.writeTargets(of: dataset)
  }

  private var batchCount: Int { (dataset.count + batchSize - 1) / batchSize }
}

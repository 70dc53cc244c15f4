import Foundation
import HDF5
import TestSupport
import Testing

/// What the tests of the network tools work with.
extension Workplace {
  /// A network with BatchNorm that trains in a blink: 28×28 to 10 classes.
  static let smallNetwork = """
    {"name": "small", "input": [1, 28, 28], "outputs": 10, "layers": [
      {"name": "conv1", "type": "convolution", "outputs": 8, "kernel": 3, "stride": 2},
      {"name": "bn1", "type": "batch-norm"}, {"name": "relu1", "type": "relu"},
      {"name": "conv2", "type": "convolution", "outputs": 8, "kernel": 3, "stride": 2,
       "bias": false},
      {"name": "bn2", "type": "batch-norm"}, {"name": "relu2", "type": "relu"},
      {"name": "pool", "type": "max-pool", "kernel": 2}, {"name": "flat", "type": "flatten"},
      {"name": "drop", "type": "dropout", "probability": 0.1},
      {"name": "fc", "type": "dense", "outputs": 10}]}
    """

  /// `train.h5` and `test.h5` of synthetic digits, and `small.json`.
  func makeDigits(train: Int = 200, test: Int = 100) {
    write("small.json", Self.smallNetwork)
    succeeds("nn-data synth digits --count \(train) --seed 1 -o train.h5")
    succeeds(
      "nn-data synth digits --count \(test) --seed 2 --normalize-like train.h5 -o test.h5")
  }

  /// Every weight, statistic and column of a trajectory's whole snapshots, by path.
  func contents(_ name: String) throws -> [String: [UInt64]] {
    let file = try HDF5File.open(self.file(name))
    let count =
      file.exists("committed") ? Int(try file.dataset("committed").read(Int64.self)[0]) : nil
    var result: [String: [UInt64]] = [:]
    for group in ["weights", "buffers", "snapshots"] where file.exists(group) {
      for child in try file.children(of: group) {
        let dataset = try file.dataset("\(group)/\(child.name)")
        let width = dataset.shape.dropFirst().reduce(1, *)
        let values = try dataset.read(Double.self).prefix((count ?? dataset.shape[0]) * width)
        result["\(group)/\(child.name)"] = values.map(\.bitPattern)
      }
    }
    return result
  }

  /// The files' arrays are the same to the last bit.
  func expectSameContents(
    _ a: String, _ b: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let (x, y) = (try contents(a), try contents(b))
    #expect(x.keys.sorted() == y.keys.sorted(), sourceLocation: sourceLocation)
    for (path, values) in x {
      #expect(values == y[path], "\(path) differs", sourceLocation: sourceLocation)
    }
  }

  /// A data set as h5py would write it: two arrays and nothing else.
  func dataset(
    _ name: String, inputs: [Float], shape: [Int], classes: [Int]? = nil, values: [Float] = []
  ) throws {
    let file = try HDF5File.create(self.file(name))
    try file.createDataset("inputs", type: .float32, shape: shape).write(inputs)
    if let classes {
      try file.createDataset("targets", type: .int64, shape: [shape[0]]).write(
        classes.map { Int64($0) })
    } else {
      try file.createDataset(
        "targets", type: .float32, shape: [shape[0], values.count / shape[0]]
      ).write(values)
    }
    try file.close()
  }

  /// A state dict as `for k, v in sd.items(): f[k] = v` writes it, from snapshot `index`.
  func stateDict(_ name: String, from run: String, snapshot index: Int) throws {
    let source = try HDF5File.open(self.file(run))
    let target = try HDF5File.create(self.file(name))
    for group in ["weights", "buffers"] where source.exists(group) {
      for child in try source.children(of: group) {
        let dataset = try source.dataset("\(group)/\(child.name)")
        let shape = Array(dataset.shape.dropFirst())
        let row = try dataset.read(
          Float.self, start: [index] + shape.map { _ in 0 }, count: [1] + shape)
        try target.createDataset(child.name, type: .float32, shape: shape).write(row)
      }
    }
    if source.exists("buffers") {
      try target.createDataset("bn1.num_batches_tracked", type: .int64, shape: []).write(
        [Int64(7)])
    }
    try target.close()
  }

  /// A golden's weights and statistics as a state dict, and its batch as a data set.
  func write(_ golden: PyTorchGolden, stateDict: String, data: String) throws {
    let file = try HDF5File.create(self.file(stateDict))
    for tensor in golden.tensors {
      try file.createDataset(tensor.name, type: .float32, shape: tensor.shape).write(
        golden.weights(tensor))
    }
    for statistic in golden.statistics {
      try file.createDataset(statistic.name, type: .float32, shape: statistic.shape).write(
        golden.values(statistic))
    }
    try file.close()
    let isRegression = golden.loss == "gaussian"
    try dataset(
      data, inputs: golden.inputs, shape: [golden.count] + golden.input,
      classes: isRegression ? nil : golden.classes.map { Int($0) },
      values: isRegression ? golden.values : [])
  }
}

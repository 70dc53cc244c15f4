import Files
import HDF5
import NetworkSupport
import NeuralNetworks
import Posteriors
import Training
import TrajectoryFiles
import WeightSpace

/// The file of a curve: its control points, and for a run that can be resumed what it goes on with.
///
/// It is replaced whole each time, so that what has its name is a whole curve of some epoch: between
/// the ends there are few rows, and no trajectory that grows.
struct CurveFile {
  typealias CurveTrainer = Trainer<CurveObjective<NetworkObjective>, NetworkBatches>

  private let target: OutputTarget
  private let curve: WeightCurve
  private let network: Network
  private let history: [String]?

  private var bends: Int { curve.pointCount - 2 }

  init(_ target: OutputTarget, curve: WeightCurve, network: Network, history: [String]?) {
    self.target = target
    self.curve = curve
    self.network = network
    self.history = history
  }

  /// - Throws: `FileError` of kind `cannotCreate` where no file can be made there.
  func check() throws { _ = try AtomicOutput(target.path) }

  /// Writes the curve, and with settings the state of the trainer.
  func write(_ trainer: CurveTrainer, _ settings: RunSettings?) throws {
    let count = network.parameterCount
    let layout = network.parameterLayout
    let output = try TensorFileWriter(
      to: target, kind: "curve", layout: layout, groups: [("weights", curve.pointCount)],
      architecture: network.architecture.json(), history: history)
    var end = WeightVector(count: count)
    for (t, row) in [(0.0, 0), (1.0, curve.pointCount - 1)] {
      trainer.objective.point(at: t, bends: trainer.state.weights, into: &end)
      try output.write(end, to: "weights", row: row)
    }
    try write(trainer.state.weights, to: "weights", from: 1, of: output)
    try output.setAttribute("curve", curve.shape.rawValue)
    if let settings {
      for vector in trainer.optimizer.vectors {
        let group = "state/\(vector.name)"
        try output.addGroup(group, layout: layout, rows: bends)
        try write(vector.values, to: group, from: 0, of: output)
      }
      try output.write(count: trainer.state.epoch, to: "state/epoch")
      try output.write(count: trainer.optimizer.updateCount, to: "state/update_count")
      try output.setAttribute("settings", settings.text)
    }
    try output.finish()
  }

  private func write(
    _ vector: borrowing WeightVector, to group: String, from row: Int, of output: TensorFileWriter
  ) throws {
    let count = network.parameterCount
    for i in 0..<bends {
      try vector.withSpan((i * count)..<((i + 1) * count)) {
        try output.writeColumns(0..<count, of: group, row: row + i, from: $0)
      }
    }
  }

  /// Sets a trainer to the state in a file.
  ///
  /// - Throws: `FileError` of kind `wrongData` for a file without state, or that of another run.
  func resume(_ path: String, _ trainer: CurveTrainer, _ settings: RunSettings) throws {
    let file = try HDF5File.open(path)
    guard let stored = try file.stringAttribute("settings"), file.exists("state/epoch") else {
      throw FileError(
        .wrongData, file: path,
        "keeps no state to go on from; only a run with --resume does, so choose another -o")
    }
    try settings.requireSame(as: stored, in: path)
    let vectors = trainer.optimizer.vectors
    let reader = try TensorFileReader(
      file, kind: "curve",
      groups: [("weights", true)] + vectors.map { ("state/\($0.name)", true) })
    try reader.arrange(like: network.parameterLayout, named: "the network")
    guard try reader.rows(of: "weights") == curve.pointCount,
      try vectors.allSatisfy({ try reader.rows(of: "state/\($0.name)") == bends })
    else { throw FileError(.wrongData, file: path, object: "state", "does not fit the curve") }

    let count = network.parameterCount
    var end = WeightVector(count: count)
    var storedEnd = WeightVector(count: count)
    for (t, row, name) in [(0.0, 0, "first"), (1.0, curve.pointCount - 1, "second")] {
      trainer.objective.point(at: t, bends: trainer.state.weights, into: &end)
      try reader.read("weights", row: row, into: &storedEnd)
      let distance = end.withSpan { a in storedEnd.withSpan { b in a.squaredDistance(to: b) } }
      guard distance == 0 else {
        throw RunSettings.anotherRun(path, "the \(name) end has other weights")
      }
    }
    try read("weights", from: 1, of: reader, into: &trainer.state.weights)
    for vector in vectors {
      try read("state/\(vector.name)", from: 0, of: reader, into: &vector.values)
    }
    trainer.state.epoch = try wholeNumber("state/epoch", in: reader)
    trainer.optimizer.updateCount = try wholeNumber("state/update_count", in: reader)
  }

  private func wholeNumber(_ path: String, in reader: TensorFileReader) throws -> Int {
    guard let number = try reader.numbers(path).values.first, let count = Int(exactly: number),
      count >= 0
    else { throw FileError(.wrongData, file: reader.name, object: path, "is no count") }
    return count
  }

  private func read(
    _ group: String, from row: Int, of reader: TensorFileReader, into vector: inout WeightVector
  ) throws {
    var part = WeightVector(count: network.parameterCount)
    for i in 0..<bends {
      try reader.read(group, row: row + i, into: &part)
      vector.copy(row: i, from: part)
    }
  }
}

import Files
import HDF5
import NetworkSupport
import NeuralNetworks
import Objectives
import Posteriors
import Training
import TrajectoryFiles
import WeightSpace

/// The file of a curve: its control points, and for a run that can be resumed what it goes on with.
///
/// Between the ends there are few rows, and no trajectory that grows: the file is replaced whole each
/// time. A run that can be resumed writes its part, which is a whole curve of some epoch and takes the
/// result's name after the last one. The bends that are trained are those of the curve, unless a method
/// stands for others: then they are kept beside them.
struct CurveFile {
  private let target: OutputTarget
  private let part: PartFile?
  private let objective: CurveObjective<NetworkObjective>
  private let network: Network
  private var history: [String]?

  private var curve: WeightCurve { objective.curve }
  private var bends: Int { objective.bendCount }

  init(
    _ target: OutputTarget, _ objective: CurveObjective<NetworkObjective>, network: Network,
    history: [String]?
  ) {
    self.target = target
    part = target.part
    self.objective = objective
    self.network = network
    self.history = history
  }

  /// After the last epoch: the part, if there is one, takes the result's name.
  func finish() throws {
    if let part, part.isThere { try part.complete() }
  }

  /// - Throws: `FileError` of kind `cannotCreate` where no file can be made there.
  func check() throws { _ = try AtomicOutput(target.path) }

  /// Writes the curve with these bends, and a state to go on from where there is one.
  func write(
    _ weights: borrowing WeightVector, _ state: (settings: RunSettings, session: TrainingSession)?
  ) throws {
    let layout = network.parameterLayout
    let part = state == nil ? nil : part
    try part?.reopen()
    let place = part.map { OutputTarget($0.path, checksums: target.checksums) } ?? target
    let output = try TensorFileWriter(
      to: place, kind: .curve, layout: layout, groups: [(.weights, curve.pointCount)],
      architecture: network.architecture.json(), history: history)
    var end = WeightVector(count: network.parameterCount)
    for (t, row) in [(0.0, 0), (1.0, curve.pointCount - 1)] {
      objective.point(at: t, bends: weights, into: &end)
      try output.write(end, to: .weights, row: row)
    }
    try write(weights, to: .weights, from: 1, of: output)
    try output.setAttribute("curve", curve.shape.rawValue)
    if let (settings, session) = state {
      for vector in vectors(beside: session) {
        let group = GroupName.state(vector.name)
        try output.addGroup(group, layout: layout, rows: bends)
        try write(vector.values, to: group, from: 0, of: output)
      }
      for number in session.checkpoint.numbers {
        let path = DatasetName.state(number.name)
        if number.isCount {
          try output.write(count: Int(number.value), to: path)
        } else {
          try output.write(numbers: [number.value], shape: [1], to: path)
        }
      }
      try output.setAttribute("settings", settings.text)
    }
    try output.finish()
    part?.hold()
  }

  /// The vectors of a session that are not the curve's own rows.
  private func vectors(beside session: TrainingSession) -> [StateVector] {
    session.checkpoint.vectors.filter {
      $0.name != "weights" || session.loop.optimizer.hasSolution
    }
  }

  private func write(
    _ vector: borrowing WeightVector, to group: GroupName, from row: Int,
    of output: TensorFileWriter
  ) throws {
    let count = network.parameterCount
    for i in 0..<bends {
      try vector.withSpan((i * count)..<((i + 1) * count)) {
        try output.writeColumns(0..<count, of: group, row: row + i, from: $0)
      }
    }
  }

  /// Sets a session to the state in the run's part, or its result, and takes over the file's history.
  ///
  /// - Returns: whether there is such a file.
  /// - Throws: `FileError` of kind `wrongData` for a file without state, or that of another run.
  mutating func resume(_ session: TrainingSession, _ settings: RunSettings) throws -> Bool {
    guard let part, let path = try part.found() else { return false }
    part.hold(path)
    let file = try HDF5File.open(path)
    guard let stored = try file.stringAttribute("settings"),
      file.exists(DatasetName.state("epoch").path)
    else {
      throw FileError(
        .wrongData, file: path,
        "keeps no state to go on from; only a run with --resume does, so choose another -o")
    }
    try settings.requireSame(as: stored, in: path)
    let vectors = vectors(beside: session)
    let reader = try TensorFileReader(
      file, kind: .curve,
      groups: [(.weights, true)] + vectors.map { (.state($0.name), true) })
    try reader.arrange(like: network.parameterLayout, named: "the network")
    guard try reader.rows(of: .weights) == curve.pointCount,
      try vectors.allSatisfy({ try reader.rows(of: .state($0.name)) == bends })
    else {
      throw FileError(
        .wrongData, file: path, object: DatasetName.state.path, "does not fit the curve")
    }

    let state = session.loop.state
    let count = network.parameterCount
    var end = WeightVector(count: count)
    var storedEnd = WeightVector(count: count)
    for (t, row, name) in [(0.0, 0, "first"), (1.0, curve.pointCount - 1, "second")] {
      objective.point(at: t, bends: state.weights, into: &end)
      try reader.read(.weights, row: row, into: &storedEnd)
      let distance = end.withSpan { a in storedEnd.withSpan { b in a.squaredDistance(to: b) } }
      guard distance == 0 else {
        throw RunSettings.anotherRun(path, "the \(name) end has other weights")
      }
    }
    try read(.weights, from: 1, of: reader, into: &state.weights)
    for vector in vectors {
      try read(.state(vector.name), from: 0, of: reader, into: &vector.values)
    }
    var numbers: [String: Double] = [:]
    for number in session.checkpoint.numbers where file.exists(DatasetName.state(number.name).path)
    {
      numbers[number.name] = try reader.numbers(.state(number.name)).values.first
    }
    do { try session.checkpoint.restore(numbers: numbers) } catch let error as CheckpointError {
      throw FileError(
        .wrongData, file: path, object: DatasetName.state(error.name).path, "is no count")
    }
    if let command = history?.first {
      history = holds(reader.history, command) ? reader.history : [command] + reader.history
    }
    return true
  }

  private func read(
    _ group: GroupName, from row: Int, of reader: TensorFileReader, into vector: inout WeightVector
  ) throws {
    var part = WeightVector(count: network.parameterCount)
    for i in 0..<bends {
      try reader.read(group, row: row + i, into: &part)
      vector.copy(row: i, from: part)
    }
  }
}

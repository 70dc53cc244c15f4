import Files
import NeuralNetworks
import Prediction
import TrajectoryFiles
import WeightSpace

/// The snapshots of a weight file, whose network is a worker's.
public final class BridgedSnapshots {
  public let reader: TrajectoryReader
  public let worker: Worker
  private let file: SnapshotFile
  private var weights: WeightVector
  private var statistics: WeightVector
  /// Of refreshed statistics: the file's own, or those of the first answer.
  private var refreshed: VectorLayout?

  public init(_ reader: TrajectoryReader, _ worker: Worker) throws {
    self.reader = reader
    self.worker = worker
    file = try SnapshotFile(of: reader)
    weights = WeightVector(count: reader.layout.count)
    statistics = WeightVector(count: reader.bufferLayout?.count ?? 0)
    refreshed = reader.bufferLayout
  }

  /// The outputs for snapshot `i` of the selection, checked but for their numbers, which `naming(_:_:)`
  /// reads.
  ///
  /// - Parameter visit: gets the weights first.
  public func outputs(
    of i: Int, visit: (borrowing WeightVector) -> Void = { _ in }
  ) throws -> WorkerOutputs {
    try worker.predict(name(of: i)) {
      try read(i, to: $0)
      visit(weights)
    }
  }

  /// Does something with the outputs of snapshot `i`, and names that where it fails.
  ///
  /// - Throws: `FileError` of kind `wrongData` instead of `NonFiniteOutput`, and what `work` throws.
  public func naming<Result>(_ i: Int, _ work: () throws -> Result) throws -> Result {
    do { return try worker.naming(name(of: i), work) } catch let error as NonFiniteOutput {
      throw FileError(
        .wrongData, file: worker.command, object: name(of: i),
        "\(error.what) of example \(error.example) is \(error.value)")
    }
  }

  /// Statistics for snapshot `i` of the selection, computed by the worker, in a layout that is the same for
  /// all snapshots of the file.
  ///
  /// - Parameter body: gets the weights, the statistics and their layout.
  public func refresh(
    _ i: Int, _ body: (borrowing WeightVector, borrowing WeightVector, VectorLayout) throws -> Void
  ) throws {
    let found = try worker.refresh(name(of: i), like: refreshed) { try read(i, to: $0) }
    let other = reader.bufferLayout == nil ? "the first answer" : reader.name
    let layout = refreshed ?? found.layout
    refreshed = layout
    var fresh = WeightVector(count: layout.count)
    try naming(i) { try found.read(into: &fresh, like: layout, named: other) }
    try body(weights, fresh, layout)
  }

  private func name(of i: Int) -> String { "snapshot \(reader.indices[i]) of \(reader.name)" }

  private func read(_ i: Int, to path: String) throws {
    try reader.readWeights(i, into: &weights)
    if reader.bufferLayout != nil { try reader.readBuffers(i, into: &statistics) }
    try file.write(weights, statistics: statistics, to: path)
  }
}

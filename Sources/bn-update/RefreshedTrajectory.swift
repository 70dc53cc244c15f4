import Files
import NeuralNetworks
import TrajectoryFiles
import WeightSpace

/// The snapshots of a trajectory with new running statistics: affine ones stay so.
final class RefreshedTrajectory {
  private enum Writer {
    case affine(AffineCopy)
    case plain(TrajectoryWriter)
  }

  private let reader: TrajectoryReader
  private let hasStatistics: Bool
  private let writer: Writer

  /// - Throws: `FileError`: `cannotCreate`, `inputOutput`.
  init(
    of reader: TrajectoryReader, to target: OutputTarget, network: Network, history: [String]?
  ) throws {
    self.reader = reader
    hasStatistics = network.hasBatchNormalization
    let statistics = hasStatistics ? network.bufferLayout : nil
    let architecture = network.architecture.json()
    if let copy = try AffineCopy(
      of: reader, to: target, bufferLayout: statistics, architecture: architecture, history: history
    ) {
      writer = .affine(copy)
    } else {
      writer = .plain(
        try TrajectoryWriter(
          to: target, layout: network.parameterLayout, bufferLayout: statistics,
          architecture: architecture, history: history, columns: reader.columns.map(\.name)))
    }
  }

  /// Writes snapshot `i`; snapshots come in order. Statistics count where the network has any.
  func write(
    _ weights: borrowing WeightVector, statistics: borrowing WeightVector, of i: Int
  ) throws {
    switch writer {
    case .affine(let copy):
      if hasStatistics { try copy.write(buffers: statistics, of: i) }
    case .plain(let plain):
      let columns = reader.columns.map { $0.values[i] }
      if hasStatistics {
        try plain.append(weights, buffers: statistics, columns: columns)
      } else {
        try plain.append(weights, columns: columns)
      }
    }
  }

  func finish() throws {
    switch writer {
    case .affine(let copy): try copy.finish()
    case .plain(let plain): try plain.finish()
    }
  }
}

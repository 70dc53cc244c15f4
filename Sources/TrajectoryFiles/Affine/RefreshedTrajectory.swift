import Files
import WeightSpace

/// The snapshots of a trajectory with new running statistics: affine ones stay so.
public final class RefreshedTrajectory {
  private enum Writer {
    case affine(AffineCopy)
    case plain(TrajectoryWriter)
  }

  private let reader: TrajectoryReader
  private let hasStatistics: Bool
  private let writer: Writer

  /// - Parameters:
  ///   - reader: the snapshots.
  ///   - layout: the parameters, in the order to write them in.
  ///   - statistics: the running statistics to be written; nil for none.
  ///   - architecture: JSON; nil where it is unknown.
  ///   - history: newest first; nil to leave it out.
  /// - Throws: `FileError`: `cannotCreate`, `inputOutput`.
  public init(
    of reader: TrajectoryReader, to target: OutputTarget, layout: VectorLayout,
    statistics: VectorLayout?, architecture: String?, history: [String]?
  ) throws {
    self.reader = reader
    hasStatistics = statistics != nil
    if let copy = try AffineCopy(
      of: reader, to: target, bufferLayout: statistics, architecture: architecture, history: history
    ) {
      writer = .affine(copy)
    } else {
      writer = .plain(
        try TrajectoryWriter(
          to: target, layout: layout, bufferLayout: statistics, architecture: architecture,
          history: history, columns: reader.columns.map(\.name), carried: reader.carried))
    }
  }

  /// Writes snapshot `i`; snapshots come in order. Statistics count where there are to be any.
  public func write(
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

  /// Completes the file and lets it appear.
  public func finish() throws {
    switch writer {
    case .affine(let copy): try copy.finish()
    case .plain(let plain): try plain.finish()
    }
  }
}

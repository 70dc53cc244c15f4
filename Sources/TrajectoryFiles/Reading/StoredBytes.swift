import Files
import WeightSpace

// What reading takes, known from the headers.
extension TrajectoryReader {
  /// What reading the weights of all selected snapshots once reads, in bytes.
  public var storedBytes: Double {
    let slots = layout.slots.enumerated().reduce(0.0) {
      $0 + Double($1.element.range.count) * Double(source.storedType(slot: $1.offset).size)
    }
    guard case .affine(let affine) = source else { return slots * Double(snapshotCount) }
    // The shift, and the components that a snapshot has something of.
    let rows = indices.reduce(0) { sum, i in
      sum + 1 + affine.coordinates[(i * affine.rank)..<((i + 1) * affine.rank)].count { $0 != 0 }
    }
    return slots * Double(rows)
  }

  /// The same of running statistics; 0 where the file has none.
  public var storedBufferBytes: Double {
    4 * Double(bufferLayout?.count ?? 0) * Double(snapshotCount)
  }

  /// What the library keeps of compressed chunks while they are read, in bytes.
  var chunkCacheBytes: Double {
    guard case .rows(let group) = source, group.datasets.count <= TensorGroup.greatestOpenCount
    else { return 0 }
    return group.datasets.reduce(0) { $0 + Double($1.cachedBytes) }
  }
}

extension SnapshotSequence {
  /// What one pass over the weights of all snapshots reads, in bytes.
  public var storedBytes: Double { readers.reduce(0) { $0 + $1.storedBytes } }

  /// What the library keeps of compressed chunks while they are read, in bytes.
  public var chunkCacheBytes: Double { readers.reduce(0) { $0 + $1.chunkCacheBytes } }
}

import HDF5
import WeightSpace

/// How large a result gets, and what memory and time writing it takes beside the numbers: the plan of a
/// writer, beside the writer.
public struct OutputSize: Sendable {
  public private(set) var bytes = 0.0
  public private(set) var memory = 0.0
  public private(set) var seconds = 0.0

  /// A file of HDF5.
  init(_ file: HDF5FileSize) {
    bytes = file.bytes
    memory = file.memory
    seconds = file.seconds
  }

  /// Nothing.
  public init() {}

  /// Plain files of so many bytes.
  init(bytes: Double, memory: Double) {
    self.bytes = bytes
    self.memory = memory
  }
}

extension HDF5FileSize {
  /// Adds what `TensorGroup.create` makes, or without rows `createWithoutRows`.
  mutating func addGroup(_ layout: VectorLayout, rows: Int?, expected: Int? = nil) {
    let staysOpen = layout.slots.count <= TensorGroup.greatestOpenCount
    for slot in layout.slots {
      addDataset(
        (rows.map { [$0] } ?? []) + slot.shape, elementSize: 4,
        chunk: rows.map { chunkShape(of: slot.shape, rows: expected ?? $0) },
        stayingOpen: staysOpen)
    }
  }

  /// Adds the groups of a state to resume from, and the settings that say which run it is.
  mutating func addState() { addText(3000) }

  /// Adds what `writeHeader` writes.
  mutating func addHeader(architecture: String?, history: [String]?) {
    addText((architecture ?? "").utf8.count)
    addText((history ?? []).reduce(0) { $0 + $1.utf8.count + 16 })
  }
}

extension TrajectoryWriter {
  /// The size of a file of so many snapshots.
  ///
  /// - Parameters: as those of `init`.
  public static func size(
    layout: VectorLayout, bufferLayout: VectorLayout? = nil, architecture: String? = nil,
    history: [String]? = nil, columns: Int = 0, carried: [CarriedTensor] = [], snapshots: Int,
    expected: Int? = nil, state: [Int] = []
  ) -> OutputSize {
    var file = HDF5FileSize()
    file.addHeader(architecture: architecture, history: history)
    file.addGroup(layout, rows: snapshots, expected: expected)
    if let bufferLayout { file.addGroup(bufferLayout, rows: snapshots, expected: expected) }
    for _ in 0..<columns {
      file.addDataset(
        [snapshots], elementSize: 8, chunk: [max(1, min(expected ?? snapshots, 512))])
    }
    for count in state { file.addDataset([count], elementSize: 4) }
    for tensor in carried {
      file.addDataset(tensor.shape, elementSize: tensor.type.size, stayingOpen: false)
    }
    return OutputSize(file)
  }
}

extension TensorFileWriter {
  /// The size of a file of these groups.
  ///
  /// - Parameters:
  ///   - groups: the rows of each; nil for one without.
  ///   - numbers: how many float64 are written besides, in all.
  public static func size(
    layout: VectorLayout, groups: [Int?], architecture: String? = nil, history: [String]? = nil,
    numbers: [Int] = []
  ) -> OutputSize {
    var file = HDF5FileSize()
    file.addHeader(architecture: architecture, history: history)
    for rows in groups { file.addGroup(layout, rows: rows) }
    for count in numbers { file.addDataset([count], elementSize: 8) }
    return OutputSize(file)
  }
}

extension AffineWriter {
  /// The size of a file of so many components and snapshots.
  ///
  /// - Parameter columns: of the snapshots' numbers.
  public static func size(
    layout: VectorLayout, components: Int, snapshots: Int, columns: Int,
    buffers: VectorLayout? = nil, architecture: String? = nil, history: [String]? = nil
  ) -> OutputSize {
    var file = HDF5FileSize()
    file.addHeader(architecture: architecture, history: history)
    file.addGroup(layout, rows: nil)
    file.addGroup(layout, rows: components)
    if let buffers { file.addGroup(buffers, rows: snapshots) }
    file.addDataset([snapshots, components], elementSize: 8)
    for _ in 0..<columns { file.addDataset([snapshots], elementSize: 8) }
    return OutputSize(file)
  }
}

extension PredictionsWriter {
  /// The size of a file of these predictions.
  ///
  /// - Parameters: as those of `init`; targets are written where `hasTargets`.
  public static func size(
    kind: PredictionKind, count: Int, members: Int?, hasTargets: Bool, classNames: [String] = [],
    history: [String]? = nil
  ) -> OutputSize {
    var file = HDF5FileSize()
    file.addHeader(architecture: nil, history: history)
    file.addText(classNames.reduce(0) { $0 + $1.utf8.count + 16 })
    for _ in PredictionTable.tables(of: kind) {
      file.addDataset([count, kind.width], elementSize: 4)
    }
    if let members {
      for _ in memberTables(of: kind) {
        file.addDataset([members, count, kind.width], elementSize: 4)
      }
    }
    if hasTargets {
      if case .classification = kind {
        file.addDataset([count], elementSize: 4)
      } else {
        file.addDataset([count, kind.width], elementSize: 4)
      }
    }
    return OutputSize(file)
  }
}

extension GrowingTrajectory {
  /// The size of the file of a run of so many snapshots.
  public static func size(
    _ parts: Parts, architecture: String?, history: [String]?, snapshots: Int, settings: String = ""
  ) -> OutputSize {
    var file = HDF5FileSize()
    file.addHeader(architecture: architecture, history: history)
    file.addText(settings.utf8.count)
    file.addState()
    file.addGroup(parts.layout, rows: snapshots, expected: snapshots)
    if let buffers = parts.bufferLayout {
      file.addGroup(buffers, rows: snapshots, expected: snapshots)
    }
    for _ in parts.columns {
      file.addDataset([snapshots], elementSize: 8, chunk: [max(1, min(snapshots, 512))])
    }
    // A state is in two slots.
    for (_, count) in parts.stateVectors { file.addDataset([2, count], elementSize: 4) }
    file.addDataset([2, parts.stateScalars.count + 1], elementSize: 8)
    return OutputSize(file)
  }
}

extension GrowingAffineTrajectory {
  /// The size of the file of so many samples in a subspace.
  ///
  /// - Parameter state: numbers of the state of all chains; nil where none is kept.
  public static func size(
    of subspace: TensorFileReader, rank: Int, samples: Int, columns: Int, state: Int?,
    architecture: String?, history: [String]?
  ) -> OutputSize {
    var file = HDF5FileSize()
    file.addHeader(architecture: architecture, history: history)
    file.addGroup(subspace.layout, rows: nil)
    file.addGroup(subspace.layout, rows: rank)
    let length = max(1, min(samples, 512))
    file.addDataset([samples, rank], elementSize: 8, chunk: [length, rank])
    for _ in 0..<columns { file.addDataset([samples], elementSize: 8, chunk: [length]) }
    if let state {
      file.addState()
      file.addDataset([2, state], elementSize: 8)
    }
    for _ in 0..<3 { file.addDataset([rank + 1], elementSize: 8) }
    return OutputSize(file)
  }
}

extension RefreshedTrajectory {
  /// The size of the file.
  ///
  /// - Parameters: as those of `init`.
  public static func size(
    of reader: TrajectoryReader, layout: VectorLayout, statistics: VectorLayout?,
    architecture: String?, history: [String]?
  ) -> OutputSize {
    let snapshots = reader.snapshotCount
    guard case .affine(let source) = reader.source else {
      return TrajectoryWriter.size(
        layout: layout, bufferLayout: statistics, architecture: architecture, history: history,
        columns: reader.columns.count, carried: reader.carried, snapshots: snapshots, expected: .max
      )
    }
    return AffineWriter.size(
      layout: layout, components: source.rank, snapshots: snapshots,
      columns: reader.columns.count, buffers: statistics, architecture: architecture,
      history: history)
  }
}

extension StateDictWriter {
  /// The size of all files, to the byte.
  ///
  /// - Throws: as `init`.
  public static func size(
    to path: String?, format: StateDictFormat, contents: StateDictContents
  ) throws -> OutputSize {
    let plan = try plan(path: path, format: format, contents: contents)
    return OutputSize(
      bytes: plan.files.reduce(0) { $0 + Double($1.size) },
      // Names, shapes and places of tensors, in the header and beside it.
      memory: 250 * Double(contents.tensors.count + contents.carried.count))
  }
}

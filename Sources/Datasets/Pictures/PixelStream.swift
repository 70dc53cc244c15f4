import Files
import HDF5

/// Where the constants of normalisation come from.
public enum InputConstants: Sendable {
  /// From the data.
  case computed
  case given(mean: [Float], std: [Float])
  /// Those of another data set.
  case like(Dataset)
}

/// A data set of bytes that is written as its rows come; only the rows at hand are in memory.
struct PixelStream {
  private let output: AtomicOutput
  private let file: HDF5File
  private let inputs: HDF5Dataset
  private let shape: [Int]
  private(set) var count = 0
  private var sums: [Int]
  private var squares: [Int]

  /// How many rows one chunk of a data set has that is written in chunks.
  static func rowsPerChunk(_ shape: [Int]) -> Int { max(1, (1 << 20) / shape.reduce(1, *)) }

  /// - Parameters:
  ///   - shape: of an example, [C, H, W].
  ///   - most: how many rows come.
  ///   - mayEndEarly: whether fewer may come.
  init(
    to target: String?, shape: [Int], most: Int, mayEndEarly: Bool, compress: Int?
  ) throws {
    output = try AtomicOutput(target)
    file = try output.createFile()
    try file.declare(kind: FileKind.dataset, in: .weightspace)
    let isChunked = mayEndEarly || compress != nil
    inputs = try file.createDataset(
      "inputs", type: .uint8, shape: [most] + shape,
      chunk: isChunked ? [min(most, Self.rowsPerChunk(shape))] + shape : nil, compress: compress)
    self.shape = shape
    sums = [Int](repeating: 0, count: shape[0])
    squares = sums
  }

  /// Adds rows with their planes' sums and sums of squares.
  mutating func append(
    _ rows: UnsafeBufferPointer<UInt8>, moments: [[(sum: Int, squares: Int)]]
  ) throws {
    guard !moments.isEmpty else { return }
    try unsafe inputs.write(
      start: [count, 0, 0, 0], count: [moments.count] + shape, from: rows)
    count += moments.count
    for row in moments {
      for (channel, plane) in row.enumerated() {
        sums[channel] += plane.sum
        squares[channel] += plane.squares
      }
    }
  }

  /// Writes targets, names and constants, and lets the file appear.
  func finish(
    classes: [Int32]?, classNames: [String], names: [String], constants: InputConstants,
    history: [String]?
  ) throws {
    if inputs.shape[0] != count { try inputs.extend(to: [count] + shape) }
    if let history { try file.setAttribute("history", history) }
    try setConstants(constants)
    if let classes {
      try file.createDataset("targets", type: .int32, shape: [count]).write(classes)
    }
    try Dataset.writeNames(classes: classNames, features: [], to: file)
    try file.createTexts("names", names)
    try file.close()
    try output.commit()
  }

  private func setConstants(_ constants: InputConstants) throws {
    var (mean, std): ([Float], [Float])
    switch constants {
    case .computed:
      let pixels = count * shape[1] * shape[2]
      let moments = zip(sums, squares).map {
        Dataset.byteMoments(sum: $0, squares: $1, count: pixels)
      }
      (mean, std) = (moments.map { Float($0.mean) }, moments.map { Float($0.std) })
    case .given(let m, let s): (mean, std) = (m, s)
    case .like(let other): (mean, std) = (other.inputMean, other.inputStd)
    }
    for (name, values) in [("input_mean", mean), ("input_std", std)] where !values.isEmpty {
      try file.setAttribute(name, values.map { Double($0) })
    }
  }
}

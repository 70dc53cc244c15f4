import Files

/// How large a file gets that this library writes, and what memory it needs to write it: the numbers of
/// all datasets, in whole chunks, and what the format (1.8) adds to each of them.
///
/// A guess within a few kilobytes: names and the trees' filling are taken as they usually are.
public struct HDF5FileSize: Sendable {
  /// The superblock, the root and a few groups.
  private static let empty = 5500.0
  /// A dataset's header and its place in a group, without and with chunks.
  private static let contiguousHeader = 410.0
  private static let chunkedHeader = 347.0
  /// Children of a full node of a tree of chunks.
  private static let childrenOfNode = 64
  /// What the library keeps of an open dataset, and what stays in its caches of a closed one.
  private static let openChunked = 27_000.0
  private static let openContiguous = 15_000.0
  private static let closed = 1_200.0
  private static let greatestCache = 32e6
  /// Seconds to create a dataset.
  private static let creation = 40e-6

  /// Of the file.
  public private(set) var bytes = Self.empty
  private var open = 0.0
  private var cached = 0.0
  /// What the library needs besides the numbers.
  public var memory: Double { open + min(cached, Self.greatestCache) }
  /// Of datasets alone.
  public private(set) var seconds = 0.0

  public init() {}

  /// - Parameters:
  ///   - shape: [] for a scalar.
  ///   - chunk: nil where the numbers lie together.
  ///   - stayingOpen: whether the writer keeps it open.
  public mutating func addDataset(
    _ shape: [Int], elementSize: Int, chunk: [Int]? = nil, stayingOpen: Bool = true
  ) {
    seconds += Self.creation
    if stayingOpen {
      open += chunk == nil ? Self.openContiguous : Self.openChunked
    } else {
      cached += Self.closed
    }
    guard let chunk else {
      bytes += Self.contiguousHeader + shape.reduce(Double(elementSize)) { $0 * Double($1) }
      return
    }
    let chunks = zip(shape, chunk).reduce(1.0) { $0 * (Double($1.0) / Double($1.1)).rounded(.up) }
    let key = 8 + 8 * (shape.count + 1)
    let node = Double(
      24 + 8 * Self.childrenOfNode + (Self.childrenOfNode + 1) * key)
    let fanOut = Double(Self.childrenOfNode) * 0.9
    var nodes = chunks > 0 ? 1.0 : 0
    var level = chunks
    while level > Double(Self.childrenOfNode) {
      level = (level / fanOut).rounded(.up)
      nodes += level
    }
    bytes += Self.chunkedHeader + nodes * node
    bytes += chunks * chunk.reduce(Double(elementSize)) { $0 * Double($1) }
  }

  /// Adds attributes of so many characters in all.
  public mutating func addText(_ characters: Int) { bytes += Double(characters) }
}

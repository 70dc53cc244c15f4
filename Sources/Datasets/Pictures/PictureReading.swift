import Files
import Images
import Machine
import WeightSpace

/// Makes a data set of pictures: several are decoded and resized at the same time, and written in their
/// order. In memory are the rows of one block and the pictures that are being decoded, however many
/// there are.
public struct PictureReading: Sendable {
  public var framing = Framing()
  /// One channel instead of three.
  public var grey = false
  /// Whether what cannot be read is left out instead of an error.
  public var skipsBad = false
  public var compress: Int?
  public var constants = InputConstants.computed
  public var history: [String]?

  /// What happened that is no error.
  public struct Outcome: Sendable {
    /// What was left out and why.
    public internal(set) var skipped: [String] = []
    /// Pictures that the decoder complained of, and of the first what.
    public internal(set) var warned = 0
    public internal(set) var firstWarning = ""
  }

  public init() {}

  /// Bytes of rows that are written at once.
  private static let blockSize = 8 << 20

  /// Reads all pictures of a list and writes them.
  ///
  /// - Parameters:
  ///   - skip: is told what is left out.
  ///   - progress: is told how many pictures are done.
  /// - Throws: `FileError` that names the first picture that cannot be read, is of another size than
  ///   those before, or is not as large as what is to be cut from it; what writing throws.
  public func write(
    _ list: PictureList, to target: String?, skip: (String) -> Void = { _ in },
    progress: (Int) -> Void = { _ in }
  ) throws -> Outcome {
    var outcome = Outcome()
    guard let first = try firstShape(of: list) else { throw nothingReadable(in: list) }
    try checkConstants(first, name: list.name)
    var stream = try PixelStream(
      to: target, shape: first.array, most: list.count, mayEndEarly: skipsBad, compress: compress)
    let size = first.array.reduce(1, *)
    let chunk = rowsPerChunk(first.array)
    let rows = rowsAtOnce(first.array, of: list)
    var need = MemoryNeed("reading pictures of shape \(first.array)")
    need.add(Double(rows) * Double(size), "\(rows) at a time")
    try need.check()
    let block = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: rows * size)
    defer { unsafe block.deallocate() }
    // Rows that wait until their chunk is full.
    var pending = PendingRows()
    var kept: (labels: [Int32], names: [String]) = ([], [])
    var next = 0
    while next < list.count {
      let part = next..<min(next + rows - pending.count, list.count)
      let read = unsafe decode(
        list, part, first,
        to: UnsafeMutableBufferPointer(rebasing: block[(pending.count * size)...]))
      for (i, result) in read.enumerated() {
        let entry = list.entries[part.lowerBound + i]
        switch result {
        case .failure(let error):
          guard skipsBad, error.kind != .inputOutput else { throw error }
          skip("\(error)")
          outcome.skipped.append(entry.name)
        case .success(let picture):
          let from = pending.start + i
          if from != pending.count {
            unsafe UnsafeMutableRawPointer(block.baseAddress! + pending.count * size)
              .copyMemory(from: block.baseAddress! + from * size, byteCount: size)
          }
          pending.add(picture.moments)
          kept.labels.append(entry.label)
          kept.names.append(entry.name)
          if let warning = picture.warning {
            outcome.warned += 1
            if outcome.warned == 1 { outcome.firstWarning = "\(entry.name): \(warning)" }
          }
        }
      }
      next = part.upperBound
      progress(next)
      let whole = next == list.count ? pending.count : pending.count / chunk * chunk
      try unsafe stream.append(
        UnsafeBufferPointer(rebasing: block[..<(whole * size)]), moments: pending.take(whole))
      if whole > 0, pending.count > 0 {
        unsafe UnsafeMutableRawPointer(block.baseAddress!)
          .copyMemory(from: block.baseAddress! + whole * size, byteCount: pending.count * size)
      }
      pending.start = pending.count
    }
    guard stream.count > 0 else { throw nothingReadable(in: list) }
    try stream.finish(
      classes: list.isLabelled ? kept.labels : nil, classNames: classNames(of: list),
      names: kept.names, constants: constants, history: history)
    return outcome
  }

  private func rowsPerChunk(_ shape: [Int]) -> Int {
    skipsBad || compress != nil ? PixelStream.rowsPerChunk(shape) : 1
  }

  /// Whole chunks, of a few megabytes or so many rows as there are threads.
  func rowsAtOnce(_ shape: [Int], of list: PictureList) -> Int {
    let chunk = rowsPerChunk(shape)
    let rows = max(Self.blockSize / shape.reduce(1, *), Parallelism.threadCount)
    return min((rows + chunk - 1) / chunk * chunk, list.count)
  }

  private func classNames(of list: PictureList) -> [String] {
    if list.isLabelled { return list.classNames }
    if case .like(let other) = constants { return other.classNames }
    return []
  }

  private func checkConstants(_ shape: Shape, name: String) throws {
    let channels = shape.channels
    switch constants {
    case .computed: break
    case .given(let mean, let std):
      for list in [mean, std] where list.count != 1 && list.count != channels {
        throw FileError(
          .wrongData, file: name, "\(list.count) constants, but there are \(channels) channels")
      }
    case .like(let other):
      guard other.isImages, other.channelCount == channels else {
        throw FileError(
          .wrongData, file: other.name,
          "examples of shape \(other.inputShape), but those of \(name) are \(shape.array)")
      }
    }
  }

  /// Rows in a block that are not yet written.
  private struct PendingRows {
    private(set) var moments: [[(sum: Int, squares: Int)]] = []
    /// Behind which row the block that is being read begins.
    var start = 0
    var count: Int { moments.count }

    mutating func add(_ row: [(sum: Int, squares: Int)]) { moments.append(row) }

    mutating func take(_ rows: Int) -> [[(sum: Int, squares: Int)]] {
      defer { moments.removeFirst(rows) }
      return Array(moments[..<rows])
    }
  }
}

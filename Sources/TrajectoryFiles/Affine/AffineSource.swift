import HDF5
import WeightSpace

/// Snapshot i = shift + Σⱼ coordinates[i, j] componentsⱼ.
///
/// Elements are added up in Double, in the components' order, and rounded once, so that they do not
/// depend on how a row is cut. A component whose coordinate is 0 is not read: a snapshot that is one
/// of the components is that component to the last bit where the shift is −0.
struct AffineSource {
  var shift: TensorGroup
  var components: TensorGroup
  /// [T, k], row-major, as far as snapshots are whole.
  let coordinates: [Double]
  let count: Int
  let rank: Int

  /// - Parameter committed: how many snapshots are whole, where the file says so: what lies behind them
  ///   may be half written.
  init(_ file: HDF5File, committed: Int64?) throws {
    shift = try tensorGroup(.shift, in: file, hasRows: false)
    components = try tensorGroup(.components, in: file)
    let dataset = try file.storedDataset(DatasetName.coordinates.path)
    guard dataset.shape.count == 2 else { throw dataset.problem("should be [T, k]") }
    try shift.checkStored()
    try components.checkStored()
    count = dataset.shape[0]
    rank = dataset.shape[1]
    let whole = committed.map { max(0, min(Int(clamping: $0), dataset.shape[0])) } ?? count
    coordinates = try dataset.read(start: [0, 0], count: [whole, rank])
    try components.checkRows(atLeast: rank)
    guard try components.rowCount() == rank else {
      throw dataset.problem(
        "has \(rank) columns for \(try components.rowCount()) components")
    }
    components = try components.arranged(
      like: shift.layout, named: GroupName.shift.path, file: file.name,
      in: GroupName.components.path)
  }

  /// Reads at most k + 1 rows by the library. Cost: O(k · columns).
  func read(
    row: Int, columns: Range<Int>, into target: UnsafeMutableBufferPointer<Float>
  ) throws {
    let factors = coordinates[(row * rank)..<((row + 1) * rank)]
    // A bounded part at a time, so that the Doubles do not need twice the memory of the target.
    try unsafe readPoint(factors, columns, width: 1 << 18, into: target) { j, part, place in
      if let j {
        try unsafe components.read(row: j, columns: part, into: place)
      } else {
        try unsafe shift.read(row: 0, columns: part, into: place)
      }
    }
  }
}

/// The snapshots of an affine trajectory whose rows any thread can read at their places in the file.
struct RawAffineRows: Sendable {
  private let shift: RawTensorRows
  private let components: RawTensorRows
  private let coordinates: [Double]
  private let rank: Int

  /// Nil where a dataset needs the library to be read.
  init?(_ source: AffineSource) throws {
    guard let shift = try RawTensorRows(source.shift, rows: [0]),
      let components = try RawTensorRows(source.components, rows: Array(0..<source.rank))
    else { return nil }
    self.shift = shift
    self.components = components
    coordinates = source.coordinates
    rank = source.rank
  }

  /// As `AffineSource.read`, to the same bits.
  func read(
    row: Int, columns: Range<Int>, into target: UnsafeMutableBufferPointer<Float>
  ) throws {
    let factors = coordinates[(row * rank)..<((row + 1) * rank)]
    // The sums of a part stay in a second-level cache.
    try unsafe readPoint(factors, columns, width: 1 << 14, into: target) { j, part, place in
      if let j {
        try unsafe components.read(row: j, columns: part, into: place)
      } else {
        try unsafe shift.read(row: 0, columns: part, into: place)
      }
    }
  }
}

/// target ← shift + Σⱼ factorsⱼ componentsⱼ, `width` columns at a time.
///
/// `read` fills a part's place with the elements of component j, or with the shift's for nil.
private func readPoint(
  _ factors: ArraySlice<Double>, _ columns: Range<Int>, width: Int,
  into target: UnsafeMutableBufferPointer<Float>,
  _ read: (Int?, Range<Int>, UnsafeMutableBufferPointer<Float>) throws -> Void
) throws {
  var sums = [Double](repeating: 0, count: min(width, columns.count))
  for start in stride(from: columns.lowerBound, to: columns.upperBound, by: width) {
    let part = start..<min(start + width, columns.upperBound)
    let offset = part.lowerBound - columns.lowerBound
    let place = unsafe UnsafeMutableBufferPointer(
      rebasing: target[offset..<(offset + part.count)])
    if sums.count != part.count { sums = [Double](repeating: 0, count: part.count) }
    var total = sums.mutableSpan
    // −0 is what leaves every number, −0 too, as it is when it is added.
    total.update(repeating: -0.0)
    try unsafe read(nil, part, place)
    unsafe total.accumulate(UnsafeBufferPointer(place).span)
    for (j, factor) in factors.enumerated() where factor != 0 {
      try unsafe read(j, part, place)
      unsafe total.accumulate(UnsafeBufferPointer(place).span, weight: factor)
    }
    var result = unsafe place.mutableSpan
    result.setQuotients(of: total.span, by: 1)
  }
}

/// Averages rows block by block, as a plan says.
///
/// An element's sum is made in Double in the rows' order, so that the result does not depend on blocks
/// or threads. Cost: one pass over the rows; for each thread 16 bytes × block width, or 24 where some
/// row is float64; with a window of k rows 4 (k − 1) bytes more, or 8 (k − 1).
public struct WeightAverage: Sendable {
  /// Where averages go: columns of average `i` of the plan. Called from several threads.
  public enum Output: Sendable {
    /// Rounded once.
    case floats(@Sendable (_ i: Int, Range<Int>, Span<Float>) throws -> Void)
    /// For a plan of one average.
    case doubles(@Sendable (_ i: Int, Range<Int>, Span<Double>) throws -> Void)
  }

  private let rows: any WeightRows
  private let plan: AveragePlan
  private let output: Output

  public init(of rows: any WeightRows, _ plan: AveragePlan, into output: Output) {
    if case .doubles = output {
      precondition(plan.outputs.count <= 1, "a sum is divided in its place")
    }
    self.rows = rows
    self.plan = plan
    self.output = output
  }

  /// - Parameters:
  ///   - memory: bytes, of all threads.
  ///   - progress: is told how many columns are done.
  /// - Throws: the rows' error for a NaN or infinity, and what reading and writing throw.
  public func run(memory: Int, progress: @Sendable (Int) -> Void = { _ in }) throws {
    let held = heldRows
    let isDouble = rows.holdsDoubles
    try blocks(memory: memory).forEachBlock {
      AverageBlock(width: $0, rows: held + 1, holdsDoubles: isDouble)
    } _: { columns, block in
      try average(columns, &block)
      progress(columns.count)
    }
  }

  /// Rows that a block keeps besides the present one.
  private var heldRows: Int { (plan.window ?? 1) - 1 }
  private var bytesPerColumn: Int {
    rows.holdsDoubles ? 24 + 8 * heldRows : 16 + 4 * heldRows
  }
  private func blocks(memory: Int) -> ColumnBlocks {
    rows.blocks(memory: memory, bytesPerColumn: bytesPerColumn)
  }

  /// What `run` would take: bytes in blocks, and seconds of arithmetic.
  public func cost(memory: Int) -> (bytes: Double, seconds: Double) {
    let additions = Double(rows.count) * Double(max(plan.window ?? 1, 1))
    let outputs = Double(plan.outputs.count)
    return (
      blocks(memory: memory).memoryBytes(bytesPerColumn: bytesPerColumn),
      Double(rows.layout.count) * 1e-9 * (0.2 * additions + 1.5 * outputs)
        / Double(Parallelism.threadCount)
    )
  }

  private func average(_ columns: Range<Int>, _ block: inout AverageBlock) throws {
    block.clear()
    var next = 0
    guard let end = plan.outputs.last?.vector else { return }
    for t in 0...end {
      try block.read(t) {
        try rows.readColumns(columns, of: t, into: &$0)
      } doubles: {
        try rows.readColumns(columns, of: t, into: &$0)
      }
      if plan.window == nil { block.take(t, plan.steps[t]) }
      guard plan.outputs[next].vector == t else { continue }
      var divisor = Double(plan.outputs[next].count)
      if plan.window == nil {
        divisor = plan.steps[t].divisor
      } else {
        block.sumLast(plan.outputs[next].count, upTo: t)
      }
      let isFinite = try block.write(dividedBy: divisor, output, next, columns)
      guard isFinite else { throw try rows.nonFiniteError(in: columns, of: "the average is") }
      next += 1
    }
  }
}

/// The memory of one thread: sums, the last rows and one average of some columns.
private struct AverageBlock {
  private let width: Int
  private let rows: Int
  private let holdsDoubles: Bool
  private var sums: [Double]
  /// [rows, width], a ring: row t at t modulo their number. Either of them is used.
  private var values: [Float]
  private var doubles: [Double]
  private var averages: [Float]

  init(width: Int, rows: Int, holdsDoubles: Bool) {
    self.width = width
    self.rows = rows
    self.holdsDoubles = holdsDoubles
    sums = [Double](repeating: 0, count: width)
    values = [Float](repeating: 0, count: holdsDoubles ? 0 : width * rows)
    doubles = [Double](repeating: 0, count: holdsDoubles ? width * rows : 0)
    averages = [Float](repeating: 0, count: width)
  }

  mutating func clear() {
    for i in sums.indices { sums[i] = 0 }
  }

  private func place(_ t: Int) -> Range<Int> { (t % rows) * width..<(t % rows + 1) * width }

  mutating func read(
    _ t: Int, _ floats: (inout MutableSpan<Float>) throws -> Void,
    doubles wide: (inout MutableSpan<Double>) throws -> Void
  ) throws {
    let place = place(t)
    if holdsDoubles {
      var span = doubles.mutableSpan
      try span.withPart(place, wide)
    } else {
      var span = values.mutableSpan
      try span.withPart(place, floats)
    }
  }

  /// Adds row t as a step says.
  mutating func take(_ t: Int, _ step: AveragePlan.Step) {
    if step.begins { clear() }
    accumulate(t, decay: step.decay, weight: step.weight)
  }

  /// Makes the sum that of the last rows.
  mutating func sumLast(_ count: Int, upTo t: Int) {
    clear()
    for s in (t - count + 1)...t { accumulate(s, decay: 1, weight: 1) }
  }

  private mutating func accumulate(_ t: Int, decay: Double, weight: Double) {
    let place = place(t)
    if holdsDoubles {
      Self.accumulate(doubles, place, decay, weight, to: &sums)
    } else {
      Self.accumulate(values, place, decay, weight, to: &sums)
    }
  }

  private static func accumulate(
    _ x: [Float], _ place: Range<Int>, _ decay: Double, _ weight: Double,
    to sums: inout [Double]
  ) {
    var sums = sums.mutableSpan
    sums.accumulate(x.span.extracting(place), decay: decay, weight: weight)
  }

  private static func accumulate(
    _ x: [Double], _ place: Range<Int>, _ decay: Double, _ weight: Double,
    to sums: inout [Double]
  ) {
    var sums = sums.mutableSpan
    sums.accumulate(x.span.extracting(place), decay: decay, weight: weight)
  }

  /// Writes the average, unless it is not finite, of which it returns false.
  mutating func write(
    dividedBy divisor: Double, _ output: WeightAverage.Output, _ i: Int, _ columns: Range<Int>
  ) throws -> Bool {
    switch output {
    case .floats(let write):
      Self.divide(sums, by: divisor, into: &averages)
      guard averages.span.isFinite else { return false }
      try write(i, columns, averages.span)
    case .doubles(let write):
      var quotients = sums.mutableSpan
      quotients.divide(by: divisor)
      guard sums.span.isFinite else { return false }
      try write(i, columns, sums.span)
    }
    return true
  }

  private static func divide(
    _ sums: [Double], by divisor: Double, into averages: inout [Float]
  ) {
    var averages = averages.mutableSpan
    averages.setQuotients(of: sums.span, by: divisor)
  }
}

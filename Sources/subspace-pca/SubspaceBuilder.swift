import Files
import Posteriors
import Synchronization
import ToolSupport
import TrajectoryFiles
import WeightSpace

/// The two passes over the rows: their inner products, then their combinations.
///
/// Both go through leaves of fixed length in the columns' order, and inner products are summed for
/// stripes whose number depends on T alone, so that the result does not depend on blocks or threads.
/// Memory: for each thread 4 (T + K + 1) bytes × block width; T² / 2 sums for each stripe.
struct SubspaceBuilder: Sendable {
  let rows: SubspaceRows
  let memory: Int
  let progress: ProgressBar

  private var columnCount: Int { rows.layout.count }

  /// One thread's rows of some columns, and what is made of them.
  private final class Block {
    var values: WeightVector
    var results: WeightVector
    var shift: WeightVector
    var leaf: DeviationLeaf

    init(rows: Int, results: Int, width: Int) {
      values = WeightVector(count: rows * width)
      self.results = WeightVector(count: results * width)
      shift = WeightVector(count: width)
      leaf = DeviationLeaf(rows: rows)
    }
  }

  private func width(results: Int) -> Int {
    rows.blockWidth(
      memory: memory, threads: Parallelism.threadCount, bytesPerColumn: 4 * (rows.count + results))
  }

  /// The inner products of the rows, less their mean where they are centred.
  ///
  /// - Throws: `FileError`: `wrongData` for a NaN or infinity, and what reading throws.
  func gramMatrix() throws -> SymmetricMatrix {
    let size = rows.count * (rows.count + 1) / 2
    // At most 64 MiB of sums.
    let stripes = min(max((8 << 20) / size, 1), 64)
    let leaves = (columnCount + DeviationLeaf.width - 1) / DeviationLeaf.width
    let stripe = (leaves + stripes - 1) / stripes * DeviationLeaf.width
    let sums = Mutex<[[Double]]>(
      Array(repeating: [], count: (columnCount + stripe - 1) / stripe))
    let width = width(results: 0)
    try forEachColumnBlock(count: columnCount, width: stripe) {
      Block(rows: rows.count, results: 0, width: width)
    } _: { columns, block in
      var packed = [Double](repeating: 0, count: size)
      try forEachPart(of: columns, width) { part in
        try read(part, into: &block.values)
        forEachLeaf(of: part) { leaf in
          load(leaf, of: block, stride: part.count)
          block.leaf.addInnerProducts(to: &packed)
        }
        progress.advance(by: part.count)
      }
      if !packed.allSatisfy(\.isFinite) {
        throw try rows.firstNonFinite(in: columns) ?? overflow(in: columns)
      }
      let result = packed
      sums.withLock { $0[columns.lowerBound / stripe] = result }
    }
    var total = [Double](repeating: 0, count: size)
    for part in sums.withLock({ $0 }) {
      for i in total.indices { total[i] += part[i] }
    }
    return SymmetricMatrix(order: rows.count, packed: total)
  }

  /// Writes the shift and the components, each a combination of the rows.
  ///
  /// - Parameter coefficients: [components, T] row-major.
  /// - Throws: `FileError`: `wrongData` for a NaN or infinity, and what reading and writing throw.
  func write(_ coefficients: [Double], components: Int, to output: TensorFileWriter) throws {
    let width = width(results: components + 1)
    try forEachColumnBlock(count: columnCount, width: width) {
      Block(rows: rows.count, results: components, width: width)
    } _: { columns, block in
      try read(columns, into: &block.values)
      forEachLeaf(of: columns) { leaf in
        load(leaf, of: block, stride: columns.count)
        block.results.withMutableSpan {
          block.leaf.combine(
            coefficients, outputs: components, into: &$0, stride: columns.count,
            at: leaf.lowerBound)
        }
        if rows.isCentered {
          block.shift.withMutableSpan { block.leaf.copyMeans(to: &$0, at: leaf.lowerBound) }
        }
      }
      if !rows.isCentered {
        try block.shift.withMutableSpan(0..<columns.count) {
          try rows.readShift(columns, into: &$0)
        }
      }
      let isFinite = block.results.withSpan(0..<components * columns.count) { $0.isFinite }
      guard isFinite, block.shift.withSpan(0..<columns.count, { $0.isFinite }) else {
        throw try rows.firstNonFinite(in: columns) ?? overflow(in: columns)
      }
      try block.shift.withSpan(0..<columns.count) {
        try output.writeColumns(columns, of: "shift", from: $0)
      }
      for k in 0..<components {
        try block.results.withSpan(k * columns.count..<(k + 1) * columns.count) {
          try output.writeColumns(columns, of: "components", row: k, from: $0)
        }
      }
      progress.advance(by: columns.count)
    }
  }

  /// Reads columns of all rows, [T, columns] row-major.
  private func read(_ columns: Range<Int>, into values: inout WeightVector) throws {
    for t in 0..<rows.count {
      try values.withMutableSpan(t * columns.count..<(t + 1) * columns.count) {
        try rows.readColumns(columns, of: t, into: &$0)
      }
    }
  }

  private func load(_ leaf: Range<Int>, of block: Block, stride: Int) {
    block.values.withSpan(0..<rows.count * stride) {
      block.leaf.load($0, stride: stride, columns: leaf, centered: rows.isCentered)
    }
  }

  private func forEachPart(
    of columns: Range<Int>, _ width: Int, _ body: (Range<Int>) throws -> Void
  ) rethrows {
    for start in stride(from: columns.lowerBound, to: columns.upperBound, by: width) {
      try body(start..<min(start + width, columns.upperBound))
    }
  }

  /// The leaves of a block, by their places in it.
  private func forEachLeaf(of columns: Range<Int>, _ body: (Range<Int>) -> Void) {
    for start in stride(from: 0, to: columns.count, by: DeviationLeaf.width) {
      body(start..<min(start + DeviationLeaf.width, columns.count))
    }
  }

  private func overflow(in columns: Range<Int>) -> FileError {
    FileError(
      .wrongData, file: rows.name,
      object: rows.layout.slot(containing: columns.lowerBound).name,
      "the components are too large for float32 here or soon after")
  }
}

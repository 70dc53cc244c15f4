import Machine
import WeightSpace

/// Principal components, or other combinations, of rows that stay where they are: one pass for the
/// rows' inner products, one for the combinations (Izmailov et al., "Subspace inference for Bayesian
/// deep learning", UAI 2019, section 4.2).
///
/// Both go through leaves of fixed length in the columns' order, and inner products are summed for
/// stripes whose number depends on T alone, so that the result does not depend on blocks or threads.
/// Memory: for each thread 4 (T + K + 1) bytes × block width; T² / 2 sums for each stripe that waits.
public struct SubspacePCA: Sendable {
  /// The point that a subspace goes through.
  public enum Shift: Sendable {
    /// The rows' mean, which is subtracted from them.
    case mean
    /// A row of others, such as a snapshot; the rows are taken as they are.
    case row(any WeightRows, Int)
  }

  /// What is found for some columns.
  public enum Part: Sendable, Equatable {
    case shift
    case component(Int)
  }

  private let rows: any WeightRows
  private let shift: Shift
  private let memory: Int
  private let progress: @Sendable (Int) -> Void

  /// - Parameters:
  ///   - memory: bytes, of all threads.
  ///   - progress: is told how many columns are done, in each of the passes.
  public init(
    of rows: any WeightRows, about shift: Shift, memory: Int,
    progress: @escaping @Sendable (Int) -> Void = { _ in }
  ) {
    self.rows = rows
    self.shift = shift
    self.memory = memory
    self.progress = progress
  }

  /// Whether the rows' mean is subtracted.
  public var isCentered: Bool { if case .mean = shift { true } else { false } }

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

  private func blocks(results: Int) -> ColumnBlocks {
    rows.blocks(
      memory: memory, bytesPerColumn: 4 * (rows.count + results), leaf: DeviationLeaf.width)
  }

  /// The inner products of the rows, less their mean where they are centred.
  ///
  /// - Throws: the rows' error for a NaN or infinity, and what reading throws.
  public func gramMatrix() throws -> SymmetricMatrix {
    let size = rows.count * (rows.count + 1) / 2
    let width = gramWidth(size)
    let total = try stripes(size).reduce(
      into: [Double](repeating: 0, count: size), isExact: false
    ) { _ in
      Block(rows: rows.count, results: 0, width: width)
    } _: { columns, block -> [Double] in
      var packed = [Double](repeating: 0, count: size)
      try ColumnBlocks.forEachLeaf(of: columns.count, length: width) { place in
        let start = columns.lowerBound
        try read(start + place.lowerBound..<start + place.upperBound, into: &block.values)
        ColumnBlocks.forEachLeaf(of: place.count, length: DeviationLeaf.width) { leaf in
          load(leaf, of: block, stride: place.count)
          block.leaf.addInnerProducts(to: &packed)
        }
        progress(place.count)
      }
      guard packed.allSatisfy(\.isFinite) else { throw try nonFiniteError(in: columns) }
      return packed
    } fold: { total, part in
      for i in total.indices { total[i] += part[i] }
    }
    return SymmetricMatrix(order: rows.count, packed: total)
  }

  /// What `gramMatrix`, the eigenproblem and `combine` would take.
  public func cost(components: Int) -> (memory: MemoryNeed, seconds: Double) {
    let (t, k) = (Double(rows.count), Double(components))
    let size = rows.count * (rows.count + 1) / 2
    let stripes = stripes(size)
    let threads = Double(min(Parallelism.threadCount, stripes.blockCount))
    // A pass holds blocks and a leaf of each thread, and sums: those of each thread, those that wait for
    // an earlier stripe, and those of all.
    let width = Double(min(gramWidth(size), rows.layout.count))
    let leaf = 8 * (t + 1) * Double(DeviationLeaf.width)
    let products =
      threads * (4 * (t + 1) * width + leaf) + 8 * Double(size) * max(2, 2 * threads - 1)
    // What is held of the sums goes on beside the eigenproblem.
    let decomposition = SymmetricMatrix.eigenBytes(order: rows.count, count: components)
    // The matrix is unpacked beside the sums.
    let unpacking = 24 * Double(size)
    let combining =
      blocks(results: components + 1).memoryBytes(bytesPerColumn: 4 * (rows.count + components + 1))
      + threads * leaf + 8 * k * t * 2
    var need = MemoryNeed("finding components")
    need.add(SymmetricMatrix.libraryBytes, "OpenBLAS")
    let largest = max(products, decomposition, unpacking, combining)
    need.add(
      largest,
      largest == max(decomposition, unpacking)
        ? "the matrix of inner products"
        : largest == products ? "inner products" : "blocks of columns")
    let p = Double(rows.layout.count)
    let seconds =
      p * 1e-9 * (1.0 * t + 0.017 * t * t) / threads + 0.1e-9 * t * t * t
    return (need, seconds)
  }

  /// Columns that are read together for inner products: no more than a stripe has.
  private func gramWidth(_ size: Int) -> Int {
    min(blocks(results: 0).width, stripes(size).width)
  }

  /// Stripes of columns of which each thread sums one at a time: at most 64, and at most 64 MiB of
  /// sums that may wait for an earlier one.
  private func stripes(_ size: Int) -> ColumnBlocks {
    let stripes = min(max((8 << 20) / size, 1), 64)
    let leaves = (rows.layout.count + DeviationLeaf.width - 1) / DeviationLeaf.width
    let width = (leaves + stripes - 1) / stripes * DeviationLeaf.width
    return ColumnBlocks(count: rows.layout.count, width: max(width, 1))
  }

  /// Makes the shift and the components, each a combination of the rows.
  ///
  /// - Parameters:
  ///   - coefficients: [components, T] row-major.
  ///   - write: takes columns of a part. Called from several threads.
  /// - Throws: the rows' error for a NaN or infinity, and what reading and writing throw.
  public func combine(
    _ coefficients: [Double], components: Int,
    write: @Sendable (Part, Range<Int>, Span<Float>) throws -> Void
  ) throws {
    try blocks(results: components + 1).forEachBlock(isExact: false) {
      Block(rows: rows.count, results: components, width: $0)
    } _: { columns, block in
      let n = columns.count
      try read(columns, into: &block.values)
      ColumnBlocks.forEachLeaf(of: n, length: DeviationLeaf.width) { leaf in
        load(leaf, of: block, stride: n)
        block.results.withMutableSpan {
          block.leaf.combine(
            coefficients, outputs: components, into: &$0, stride: n, at: leaf.lowerBound)
        }
        if isCentered {
          block.shift.withMutableSpan { block.leaf.copyMeans(to: &$0, at: leaf.lowerBound) }
        }
      }
      guard block.results.withSpan(0..<components * n, { $0.isFinite }) else {
        throw try nonFiniteError(in: columns)
      }
      try readShift(columns, into: &block.shift)
      try block.shift.withSpan(0..<n) { try write(.shift, columns, $0) }
      for k in 0..<components {
        try block.results.withSpan(k * n..<(k + 1) * n) { try write(.component(k), columns, $0) }
      }
      progress(n)
    }
  }

  /// Reads the shift where it is not the rows' mean, and checks it.
  private func readShift(_ columns: Range<Int>, into vector: inout WeightVector) throws {
    var source = rows
    if case .row(let others, let row) = shift {
      source = others
      try vector.withMutableSpan(0..<columns.count) {
        try others.readColumns(columns, of: row, into: &$0)
      }
    }
    guard vector.withSpan(0..<columns.count, { $0.isFinite }) else {
      throw try source.nonFiniteError(in: columns, of: "the shift is")
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
      block.leaf.load($0, stride: stride, columns: leaf, centered: isCentered)
    }
  }

  private func nonFiniteError(in columns: Range<Int>) throws -> any Error {
    try rows.nonFiniteError(in: columns, of: "the components are")
  }
}

import Calibration
import HDF5
import WeightSpace

/// Some rows of a source in memory, as probabilities.
///
/// float64, logits and rescaled probabilities are in Double, everything else in Float.
struct ProbabilityBlock: Sendable {
  fileprivate(set) var rows = 0..<0
  fileprivate(set) var classes: [Int32] = []
  fileprivate(set) var memberEntropies: [Double] = []
  /// One of the two is empty, but for logits that were made of Floats.
  private(set) var floats: [Float] = []
  private(set) var doubles: [Double] = []
  /// Of logits, −ln p of each row's class, which is finite where p itself is too small for a number.
  private(set) var losses: [Double] = []

  /// The probabilities in Double, whichever they are.
  var widened: [Double] { doubles.isEmpty ? floats.map { Double($0) } : doubles }

  fileprivate mutating func read(_ source: ProbabilitySource) throws {
    let rows = rows
    let count = rows.count * source.classCount
    let isDouble =
      source.areLogits || source.inverseTemperature != nil || source.values.isDouble
    if isDouble {
      if doubles.count != count { doubles = Array(repeating: 0, count: count) }
      var span = doubles.mutableSpan
      try source.values.read(rows: rows, into: &span)
    } else {
      // A block is used again and again: what was made of the rows before does not belong to these.
      doubles.removeAll(keepingCapacity: true)
      if floats.count != count { floats = Array(repeating: 0, count: count) }
      var span = floats.mutableSpan
      try source.values.read(rows: rows, into: &span)
    }
  }

  /// Makes probabilities of what was read.
  fileprivate mutating func prepare(_ source: ProbabilitySource) throws(InvalidRow) {
    let first = rows.lowerBound
    if source.areLogits {
      // Taken out, so that both can be changed at once.
      var losses = [Double](repeating: 0, count: classes.count)
      var rowLosses = losses.mutableSpan
      let classes = classes
      var span = doubles.mutableSpan
      if let beta = source.inverseTemperature {
        for i in 0..<span.count { span[i] *= beta }
      }
      try softmax(
        &span, classCount: source.classCount, firstRow: first, classes: classes.span,
        losses: &rowLosses)
      self.losses = losses
    } else if let beta = source.inverseTemperature {
      try checkDistributions(
        doubles.span, classCount: source.classCount, firstRow: rows.lowerBound)
      var span = doubles.mutableSpan
      rescale(&span, classCount: source.classCount, inverseTemperature: beta)
    }
  }

  /// Makes logits of what was read: ln max(p, `floor`) of probabilities, which is finite.
  fileprivate mutating func prepareLogits(
    _ source: ProbabilitySource, floor: Double
  ) throws(InvalidRow) {
    guard !source.areLogits else { return }
    if doubles.isEmpty { for p in floats { doubles.append(Double(p)) } }
    try checkDistributions(doubles.span, classCount: source.classCount, firstRow: rows.lowerBound)
    var span = doubles.mutableSpan
    logarithms(&span, floor: floor)
  }
}

/// Rows are read in blocks of about this many numbers, whatever the size of the file.
let numbersPerBlock = 1 << 18

extension ProbabilitySource {
  /// What blocks are to hold.
  enum Form {
    case probabilities
    case logits(floor: Double)
  }

  /// Goes through all rows: as many blocks at a time as there are threads are measured by `measure`,
  /// each on a thread of its own; what it made of them goes to `combine` in the order of the rows,
  /// so nothing depends on the threads.
  ///
  /// - Parameter withClasses: whether the rows' classes are read, and must be there.
  /// - Throws: `FileError` where a row cannot be read or `measure` throws `InvalidRow`.
  func forEachBlock<Part>(
    as form: Form = .probabilities, withClasses: Bool = true, withMembers: Bool = false,
    measure: @escaping @Sendable (ProbabilityBlock) throws(InvalidRow) -> Part,
    combine: (ProbabilityBlock, Part) throws -> Void
  ) throws {
    let length = max(1, numbersPerBlock / classCount)
    let slots = (0..<Parallelism.threadCount).map { _ in BlockSlot<Part>() }
    // Sendable: rows are read by one thread, or by any where the source allows it.
    nonisolated(unsafe) let source = self
    var start = 0
    while start < rowCount {
      var filled = 0
      while filled < slots.count && start < rowCount {
        var block = slots[filled].take()
        block.rows = start..<min(start + length, rowCount)
        block.classes = withClasses ? try classes(block.rows) : []
        block.memberEntropies = withMembers ? try memberEntropies(block.rows) : []
        if !readsOnAnyThread { try block.read(self) }
        start = block.rows.upperBound
        slots[filled].block = block
        filled += 1
      }
      // Each slot is one iteration's alone.
      forEachChunk(count: filled, length: 1) {
        unsafe slots[$0.lowerBound].run(source, form, measure)
      }
      for slot in slots[..<filled] {
        switch slot.result! {
        case .success(let part): try combine(slot.block, part)
        case .failure(let error as InvalidRow): throw values.problem("\(error)")
        case .failure(let error): throw error
        }
      }
    }
  }
}

/// A block, and what was made of it.
private final class BlockSlot<Part>: @unchecked Sendable {
  // Sendable: used by one thread at a time.
  var block = ProbabilityBlock()
  private(set) var result: Result<Part, any Error>?

  /// The block, taken out so that it can be changed without being copied.
  func take() -> ProbabilityBlock {
    let taken = block
    block = ProbabilityBlock()
    return taken
  }

  func run(
    _ source: ProbabilitySource, _ form: ProbabilitySource.Form,
    _ measure: (ProbabilityBlock) throws(InvalidRow) -> Part
  ) {
    var block = take()
    defer { self.block = block }
    result = Result {
      if source.readsOnAnyThread { try block.read(source) }
      switch form {
      case .probabilities: try block.prepare(source)
      case .logits(let floor): try block.prepareLogits(source, floor: floor)
      }
      return try measure(block)
    }
  }
}

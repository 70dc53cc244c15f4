import Calibration
import HDF5

/// How every file is measured.
struct MeterSettings {
  let binning: Binning
  let binCount: Int
  let clip: Double?

  func meter(classCount: Int, firstRow: Int) -> ClassificationMeter {
    ClassificationMeter(
      classCount: classCount, binning: binning, binCount: binCount, clip: clip,
      firstRow: firstRow)
  }
}

/// Some rows of probabilities or logits in memory, and what is measured of them.
///
/// float64 and logits are measured in Double, everything else in Float.
final class ProbabilityBlock: @unchecked Sendable {
  // Sendable: filled by one thread and measured by one, never at the same time.

  private let logits: Bool
  private var floats: [Float] = []
  private var doubles: [Double] = []
  private var classes: [Int32] = []
  private var rows = 0..<0
  private(set) var meter: ClassificationMeter?
  private(set) var error: InvalidRow?

  init(logits: Bool) { self.logits = logits }

  /// Reads rows; `meter` is to measure them.
  func fill(
    from source: HDF5Dataset, rows: Range<Int>, classes: [Int32], meter: ClassificationMeter
  ) throws {
    self.rows = rows
    self.classes = classes
    self.meter = meter
    if logits || source.type == .float64 {
      try Self.read(source, rows, into: &doubles)
    } else {
      try Self.read(source, rows, into: &floats)
    }
  }

  func measure() {
    guard var meter else { return }
    do throws(InvalidRow) {
      let classes = classes
      if doubles.isEmpty {
        let floats = floats
        try meter.add(probabilities: floats.span, classes: classes.span)
      } else {
        var numbers = doubles
        doubles = []
        defer { doubles = numbers }
        if logits {
          var span = numbers.mutableSpan
          try softmax(&span, classCount: meter.classCount, firstRow: rows.lowerBound)
        }
        try meter.add(probabilities: numbers.span, classes: classes.span)
      }
      self.meter = meter
    } catch {
      self.error = error
    }
  }

  /// Reads rows over the elements of `block`, which becomes as long as they are.
  private static func read<Element: HDF5Element>(
    _ source: HDF5Dataset, _ rows: Range<Int>, into block: inout [Element]
  ) throws {
    let width = source.shape[1]
    if block.count != rows.count * width {
      block = [Element](repeating: .zero, count: rows.count * width)
    }
    try unsafe block.withUnsafeMutableBufferPointer {
      try unsafe source.read(start: [rows.lowerBound, 0], count: [rows.count, width], into: $0)
    }
  }
}

import Files
import HDF5
import TrajectoryFiles

/// What the schema's words mean for types and values.
extension FileSchema.Numbers {
  /// Why a type cannot hold them; nil where it can.
  func problem(with type: ElementType) -> String? {
    switch self {
    case .finite, .nonNegative, .probabilities:
      type.isFloatingPoint ? nil : "holds \(type) instead of floating-point numbers"
    case .counts, .labels: type.isInteger ? nil : "holds \(type) instead of whole numbers"
    case .inputs:
      type == .uint8 || type.isFloatingPoint
        ? nil : "holds \(type) instead of uint8 or floating point"
    case .any, .targets, .texts, .carried: nil
    }
  }

  /// Whether NaN and infinities are wrong.
  var areFinite: Bool { self != .any && self != .carried }

  /// What is wrong with such numbers; nil where nothing is.
  func problem(with numbers: NumberSummary) -> String? {
    guard numbers.minimum <= numbers.maximum else { return nil }
    switch self {
    case .nonNegative where numbers.minimum < 0:
      return "holds \(numbers.minimum.significant(6)), which is negative"
    case .probabilities where numbers.minimum < 0 || numbers.maximum > 1.001:
      let wrong = numbers.minimum < 0 ? numbers.minimum : numbers.maximum
      return "holds \(wrong.significant(6)), which is no probability"
    case .counts where numbers.minimum < 0:
      return "holds \(numbers.minimum.significant(6)), which is negative"
    default: return nil
    }
  }
}

/// Whether the rows of a table add up to 1, within what readers accept.
struct RowSums {
  private static let tolerance = 0.001
  private let width: Int
  private var sum = 0.0
  private var count = 0
  /// The first row that does not.
  private(set) var problem: String?

  init(width: Int) { self.width = max(1, width) }

  mutating func add(_ values: Span<Double>) {
    for i in 0..<values.count {
      sum += values[i]
      count += 1
      guard count % width == 0 else { continue }
      if abs(sum - 1) > Self.tolerance, problem == nil {
        problem = "row \(count / width - 1) adds up to \(sum.significant(6)) instead of 1"
      }
      sum = 0
    }
  }
}

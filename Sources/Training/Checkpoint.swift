import Objectives
import WeightSpace

/// All memory between steps of a run: whatever is `Checkpointed` in it, found by name.
public struct Checkpoint {
  private let parts: [any Checkpointed]

  /// - Precondition: no two vectors and no two numbers of the parts have the same name.
  public init(_ parts: [any Checkpointed]) {
    self.parts = parts
    let names = parts.flatMap { $0.vectors.map(\.name) + $0.numbers.map { "#\($0.name)" } }
    precondition(Set(names).count == names.count, "one name for two states: \(names)")
  }

  public var vectors: [StateVector] { parts.flatMap(\.vectors) }
  public var numbers: [StateNumber] { parts.flatMap(\.numbers) }

  /// Sets all numbers to those of a saved state; one that it does not have is 0, as in a file that
  /// was written before there was such a number.
  ///
  /// - Throws: `CheckpointError` for a number that is not what it must be.
  public func restore(numbers saved: [String: Double]) throws {
    for part in parts {
      part.numbers = try part.numbers.map { number in
        let value = saved[number.name] ?? 0
        guard value.isFinite, !number.isCount || Int(exactly: value).map({ $0 >= 0 }) ?? false
        else { throw CheckpointError(name: number.name, value: value) }
        return number.isCount
          ? StateNumber(number.name, Int(value)) : StateNumber(number.name, value)
      }
    }
  }
}

/// A number of a saved state that cannot be.
public struct CheckpointError: Error, CustomStringConvertible {
  public let name: String
  public let value: Double
  public var description: String { "\(name) is \(value), which no run saves" }
}

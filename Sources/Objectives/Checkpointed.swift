import WeightSpace

/// One named vector of somebody's memory between steps.
public final class StateVector {
  /// What it is, as a file names it: `momentum`, `first_moment`, `average`. Unique within a run.
  public let name: String
  public var values: WeightVector

  /// All zero.
  public init(_ name: String, count: Int) {
    self.name = name
    values = WeightVector(count: count)
  }

  public init(_ name: String, _ values: consuming WeightVector) {
    self.name = name
    self.values = values
  }
}

/// One named number of somebody's memory between steps: finite.
public struct StateNumber: Sendable, Equatable {
  public let name: String
  public var value: Double
  /// Whether it is a count: a whole number from 0 on.
  public let isCount: Bool

  public init(_ name: String, _ value: Double) {
    self.name = name
    self.value = value
    isCount = false
  }

  public init(_ name: String, _ count: Int) {
    self.name = name
    value = Double(count)
    isCount = true
  }
}

/// Memory between steps. Whoever runs a training collects, saves and restores it: whatever is
/// `Checkpointed` goes on bit for bit as if it had never stopped.
public protocol Checkpointed: AnyObject {
  /// Its vectors in a fixed order; none by default.
  var vectors: [StateVector] { get }
  /// Its numbers in a fixed order; setting them takes what was saved. None by default.
  var numbers: [StateNumber] { get set }
}

extension Checkpointed {
  public var vectors: [StateVector] { [] }
  public var numbers: [StateNumber] {
    get { [] }
    set {}
  }
}

extension [StateNumber] {
  /// The number of that name; 0 where there is none, as in files written before it was kept.
  public subscript(name: String) -> Double { first { $0.name == name }?.value ?? 0 }

  /// The count of that name, 0 where there is none.
  public func count(_ name: String) -> Int { Int(self[name]) }
}

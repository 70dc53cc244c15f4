/// A hyperparameter outside the range where the method is defined.
public struct HyperparameterError: Error, CustomStringConvertible, Equatable {
  /// The hyperparameter in words, such as `learning rate`.
  public let name: String
  /// What is wrong with its value, such as `must be positive, not -1.0`.
  public let problem: String

  public init(_ name: String, _ problem: String) {
    self.name = name
    self.problem = problem
  }

  public var description: String { "\(name): \(problem)" }
}

/// Throws unless `value` is finite and greater than 0.
func requirePositive(_ name: String, _ value: Double) throws {
  if !(value.isFinite && value > 0) {
    throw HyperparameterError(name, "must be a positive number, not \(value)")
  }
}

/// Throws unless `value` is finite and at least 0.
func requireNonNegative(_ name: String, _ value: Double) throws {
  if !(value.isFinite && value >= 0) {
    throw HyperparameterError(name, "must be 0 or a positive number, not \(value)")
  }
}

/// Throws unless 0 ≤ `value` < 1, as a coefficient of an exponential average must be.
func requireBelowOne(_ name: String, _ value: Double) throws {
  if !(value >= 0 && value < 1) {
    throw HyperparameterError(name, "must be at least 0 and less than 1, not \(value)")
  }
}

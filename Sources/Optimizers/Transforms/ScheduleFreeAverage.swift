import Objectives
import WeightSpace

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Averaging in place of a schedule. With the update u = γ_t · direction at y,
///
///     z ← z − u;   x ← (1 − c) x + c z;   y ← (1 − β) z + β x
///     c = a_t/Σ a,   a_t = tʳ · (max_{s ≤ t} γ_s)²
///
/// Gradients are taken at y, which is the trained vector; the method stands for x. y and z are kept,
/// and x = y + (1 − 1/β)(z − y) is made where it is asked for, never in place, so that evaluating
/// changes nothing. All three start at the first weights. Memory: P floats.
///
/// Defazio, Yang, Mehta, Mishchenko, Khaled and Cutkosky, "The road less scheduled", NeurIPS 2024,
/// equations 3 to 5, with the weighting of the published code.
public final class ScheduleFreeAverage: Transform {
  /// β.
  public let interpolation: Double
  /// r.
  public let power: Double
  public let vectors: [StateVector]
  private var updates = 0
  private var largestRate = 0.0
  private var weightSum = 0.0
  /// c.
  private var share: Float = 0

  public init(count: Int, interpolation: Double = 0.9, power: Double = 0) {
    precondition(interpolation > 0 && interpolation < 1, "an interpolation between y and z")
    self.interpolation = interpolation
    self.power = power
    vectors = [StateVector("base_iterate", count: count)]
  }

  public var numbers: [StateNumber] {
    get {
      [
        StateNumber("schedule_free_updates", updates),
        StateNumber("schedule_free_largest_rate", largestRate),
        StateNumber("schedule_free_weight_sum", weightSum),
      ]
    }
    set {
      updates = newValue.count("schedule_free_updates")
      largestRate = newValue["schedule_free_largest_rate"]
      weightSum = newValue["schedule_free_weight_sum"]
    }
  }

  public func start(at weights: borrowing WeightVector) { vectors[0].values.copy(from: weights) }

  public func begin(
    _ weights: borrowing WeightVector, gradient: borrowing WeightVector, _ step: Step
  ) {
    updates += 1
    largestRate = max(largestRate, step.learningRate)
    let weight = pow(Double(updates), power) * largestRate * largestRate
    weightSum += weight
    share = weightSum > 0 ? Float(weight / weightSum) : 0
  }

  /// y and z move in one pass: y ← y + c (z − y) − (1 − β (1 − c)) u follows from the equations with
  /// β x = y − (1 − β) z.
  public func apply(
    to update: inout MutableSpan<Float>, _ weights: inout MutableSpan<Float>, _ state: StateRange
  ) {
    let c = share
    let rest = 1 - Float(interpolation) * (1 - c)
    state.withSpan(0) { z in
      for i in 0..<update.count {
        let u = update[i]
        update[i] = rest * u - c * (z[i] - weights[i])
        z[i] -= u
      }
    }
  }

  public var hasSolution: Bool { true }

  public func writeSolution(
    of weights: borrowing WeightVector, into solution: inout WeightVector
  ) {
    solution.copy(from: weights)
    solution.interpolate(to: vectors[0].values, fraction: Float(1 - 1 / interpolation))
  }
}

import Objectives
import WeightSpace

/// The loss at one point of a curve, as a function of the curve's bends.
///
/// With w = w(t) and the loss L of the wrapped objective,
///
///     value = L(w) + ½ λ ‖w‖²,      ∂value/∂wᵢ = cᵢ(t) (∇L(w) + λ w)   for each bend i
///
/// t is uniform on [0, 1), a function of a step's seed and index; the ends stay as they are. The
/// regulariser is that of the published code, over all tensors of w;
/// the optimiser's own weight decay has to be 0. The trained vector holds the bends one after the
/// other, so that any optimiser can train it.
///
/// Cost over that of L: one pass over the control points and one over the bends' gradients. Memory:
/// the ends, the point, and with more than one bend its gradient.
///
/// Garipov et al. 2018, section 3.1 and the published code.
public final class CurveObjective<Base: Objective>: Objective {
  public let curve: WeightCurve
  /// λ.
  public let weightDecay: Double
  /// The objective of one point; gets the batches.
  public private(set) var base: Base

  /// Both ends, one after the other.
  private let ends: WeightVector
  private var point: WeightVector
  private var slope: WeightVector

  /// - Parameter ends: the first and the last control point, one after the other.
  public init(
    _ base: Base, curve: WeightCurve, ends: consuming WeightVector, weightDecay: Double
  ) {
    precondition(ends.count % 2 == 0, "two ends")
    let count = ends.count / 2
    self.base = base
    self.curve = curve
    self.weightDecay = weightDecay
    self.ends = ends
    point = WeightVector(count: count)
    // With one bend the caller's gradient serves.
    slope = WeightVector(count: curve.pointCount == 3 ? 0 : count)
  }

  /// The weights of all bends together.
  public var parameterCount: Int { bendCount * point.count }
  /// The number of control points that are trained.
  public var bendCount: Int { curve.pointCount - 2 }

  /// `weights` and `gradient` hold the bends one after the other.
  public func valueAndGradient(
    at weights: borrowing WeightVector, _ batch: Base.Batch, _ step: Step,
    gradient: inout WeightVector
  ) throws -> BatchResult {
    let t = WeightCurve.ofStep(UInt64(step.index), seed: step.seed)
    return try valueAndGradient(at: weights, t: t, batch, step, gradient: &gradient)
  }

  /// The same at a given t.
  public func valueAndGradient(
    at weights: borrowing WeightVector, t: Double, _ batch: Base.Batch, _ step: Step,
    gradient: inout WeightVector
  ) throws -> BatchResult {
    let factors = rowFactors(at: t)
    let squaredNorm = point.setCombination(factors, ofRows: ends, weights)
    let decay = Float(weightDecay)
    var result: BatchResult
    if bendCount == 1 {
      result = try base.valueAndGradient(at: point, batch, step, gradient: &gradient)
      gradient.scaleSum(factors[2], plus: decay, point)
    } else {
      result = try base.valueAndGradient(at: point, batch, step, gradient: &slope)
      gradient.setRows(Array(factors[2...]), times: slope, plus: decay, point)
    }
    result.loss += 0.5 * weightDecay * squaredNorm
    return result
  }

  /// The point at t of the curve with these bends; exactly an end at 0 and 1.
  public func point(
    at t: Double, bends: borrowing WeightVector, into point: inout WeightVector
  ) {
    _ = point.setCombination(rowFactors(at: t), ofRows: ends, bends)
  }

  /// The bends on the straight line between the ends, at equal distances: where training starts.
  public func straightBends() -> WeightVector {
    let count = point.count
    var bends = WeightVector(count: bendCount * count)
    var row = WeightVector(count: count)
    let none = WeightVector(count: 0)
    for i in 0..<bendCount {
      let t = Double(i + 1) / Double(bendCount + 1)
      _ = row.setCombination([Float(1 - t), Float(t)], ofRows: ends, none)
      bends.copy(row: i, from: row)
    }
    return bends
  }

  /// The coefficients in the order of the rows: both ends, then the bends.
  private func rowFactors(at t: Double) -> [Float] {
    let c = curve.coefficients(at: t).map { Float($0) }
    return [c[0], c[c.count - 1]] + c[1..<(c.count - 1)]
  }
}

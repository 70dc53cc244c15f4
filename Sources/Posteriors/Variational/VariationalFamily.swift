import Glibc
import Randomness

/// A family of distributions q over a few coordinates, each member a map of standard normal noise that
/// is known by a flat list of parameters.
public protocol VariationalFamily: Sendable {
  /// What a draw leaves for its gradient.
  associatedtype Trace

  /// K
  var dimension: Int { get }
  var parameterCount: Int { get }

  /// The point that noise becomes, and log q there.
  func draw(
    _ noise: [Double], _ parameters: [Double]
  ) -> (point: [Double], logDensity: Double, trace: Trace)

  /// An unbiased estimate of the gradient by the parameters of E_q[log p − log q], by one draw.
  ///
  /// - Parameter slope: ∇ log p at the draw's point.
  func boundGradient(_ slope: [Double], _ trace: Trace, _ parameters: [Double]) -> [Double]
}

extension VariationalFamily {
  /// Draw `index` from q: a function of (seed, index).
  public func sample(_ parameters: [Double], seed: UInt64, index: Int) -> [Double] {
    var stream = RandomStream(seed: seed, stream: SubspaceStream.draw(index))
    return draw(standardNormal(dimension, &stream), parameters).point
  }
}

func standardNormal(_ count: Int, _ stream: inout RandomStream) -> [Double] {
  (0..<count).map { _ in Double(stream.normal()) }
}

/// log N(noise; 0, 1)
func logStandardNormal(_ noise: [Double]) -> Double {
  -0.5 * (squaredNorm(noise) + Double(noise.count) * log(2 * Double.pi))
}

import Glibc
import Randomness

/// Normalising flows of affine coupling layers, fitted to a density by maximising the evidence lower
/// bound E_q[log p − log q] (`EvidenceBound`; Dinh, Sohl-Dickstein, Bengio, "Density estimation using
/// Real NVP", 2017, section 3).
///
/// A draw x ~ N(0, 1) passes through layers that each keep one part of the coordinates and move the
/// others by y = x · exp s + t, with s and t functions of the kept part: s = a tanh(network), t =
/// network, networks of three hidden layers of 128 ReLU units as in Izmailov et al., "Subspace
/// Inference for Bayesian Deep Learning", 2019; log |∂y/∂x| = Σ s. Layers alternate between the
/// halves. There the published flow has two layers; with a scale and shift of every coordinate before
/// them, as here, it contains the mean-field Gaussians.
///
/// Parameters: scale logarithms and shifts of all coordinates, then the layers'.
public struct RealNVP: VariationalFamily {
  /// What the draw left at each layer, and its noise.
  public struct Trace {
    fileprivate let noise: [Double]
    fileprivate var layers: [CouplingLayer.Trace] = []
  }

  public let dimension: Int
  public let parameterCount: Int
  private let layers: [CouplingLayer]

  /// Flows of a dimension of at least 2.
  public init(dimension: Int, layers count: Int = 2) {
    precondition(dimension >= 2, "a coupling needs two coordinates")
    self.dimension = dimension
    var layers: [CouplingLayer] = []
    var offset = 2 * dimension
    for k in 0..<count {
      layers.append(CouplingLayer(dimension: dimension, keepsSecond: k % 2 == 0, offset: offset))
      offset += layers[k].count
    }
    self.layers = layers
    parameterCount = offset
  }

  /// Parameters of N(0, scale²), with random inner weights of the networks.
  public func parameters(scale: Double, seed: UInt64) -> [Double] {
    var parameters = [Double](repeating: 0, count: parameterCount)
    for i in 0..<dimension { parameters[i] = log(scale) }
    var stream = RandomStream(seed: seed, stream: SubspaceStream.start(chain: 0))
    for layer in layers { layer.initialize(&parameters, &stream) }
    return parameters
  }

  public func draw(
    _ noise: [Double], _ parameters: [Double]
  ) -> (point: [Double], logDensity: Double, trace: Trace) {
    var x = (0..<dimension).map { noise[$0] * exp(parameters[$0]) + parameters[dimension + $0] }
    var volume = parameters[0..<dimension].reduce(0, +)
    var trace = Trace(noise: noise)
    for layer in layers {
      let step = layer.forward(x, parameters)
      x = step.output
      volume += step.logScale.reduce(0, +)
      trace.layers.append(step)
    }
    return (x, logStandardNormal(noise) - volume, trace)
  }

  /// The gradient of log p(y) + log |∂y/∂x| for the y made of the noise, of which
  /// E_q[log p − log q] is the expectation up to a constant.
  public func boundGradient(
    _ slope: [Double], _ trace: Trace, _ parameters: [Double]
  ) -> [Double] {
    var total = [Double](repeating: 0, count: parameters.count)
    var slope = slope
    for (layer, step) in zip(layers, trace.layers).reversed() {
      slope = layer.backward(slope, step, parameters, gradient: &total)
    }
    for i in 0..<dimension {
      total[i] += slope[i] * trace.noise[i] * exp(parameters[i]) + 1
      total[dimension + i] += slope[i]
    }
    return total
  }
}

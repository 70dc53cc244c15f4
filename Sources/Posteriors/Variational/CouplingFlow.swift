import Glibc
import Randomness

/// A normalising flow of affine coupling layers, fitted to a density by maximising the evidence
/// lower bound E_q[log p − log q] (Dinh, Sohl-Dickstein, Bengio, "Density estimation using Real
/// NVP", 2017, section 3).
///
/// A draw x ~ N(0, 1) passes through layers that each keep one part of the coordinates and move the
/// others by y = x · exp s + t, with s and t functions of the kept part: s = a tanh(network), t =
/// network, networks of three hidden layers of 128 ReLU units as in Izmailov et al., "Subspace
/// Inference for Bayesian Deep Learning", 2019; log |∂y/∂x| = Σ s. Layers alternate between the
/// halves. There the published flow has two layers; with a scale and shift of every coordinate before
/// them, as here, it contains the mean-field Gaussians.
public struct CouplingFlow: Sendable {
  public let dimension: Int
  private let layers: [CouplingLayer]
  /// Scale logarithms and shifts of all coordinates, then the layers'.
  private var parameters: [Double]
  private var optimizer: Adam

  /// N(0, scale²), for a dimension of at least 2.
  public init(dimension: Int, layers count: Int = 2, scale: Double, seed: UInt64) {
    precondition(dimension >= 2, "a coupling needs two coordinates")
    self.dimension = dimension
    var layers: [CouplingLayer] = []
    var offset = 2 * dimension
    for k in 0..<count {
      layers.append(CouplingLayer(dimension: dimension, keepsSecond: k % 2 == 0, offset: offset))
      offset += layers[k].count
    }
    self.layers = layers
    parameters = [Double](repeating: 0, count: offset)
    for i in 0..<dimension { parameters[i] = log(scale) }
    var stream = RandomStream(seed: seed, stream: SubspaceStream.start(chain: 0))
    for layer in layers { layer.initialize(&parameters, &stream) }
    optimizer = Adam(count: offset)
  }

  /// One step of Adam: a function of the state and of (seed, step).
  ///
  /// - Parameter gradient: an unbiased estimate of ∇ log p at a point.
  public mutating func update(
    seed: UInt64, step: Int, learningRate: Double, _ gradient: ([Double]) throws -> [Double]
  ) rethrows {
    var stream = RandomStream(seed: seed, stream: SubspaceStream.optimisation(step: step))
    let noise = (0..<dimension).map { _ in Double(stream.normal()) }
    var traces: [CouplingLayer.Trace] = []
    let point = transform(noise) { traces.append($0) }
    let slope = try gradient(point)
    let derivatives = backward(slope, noise, traces)
    optimizer.ascend(&parameters, gradient: derivatives, rate: learningRate)
  }

  /// The gradient by the parameters of log p(y) + log |∂y/∂x| for the y made of `noise`, of which
  /// E_q[log p − log q] is the expectation up to a constant.
  private func backward(
    _ slope: [Double], _ noise: [Double], _ traces: [CouplingLayer.Trace]
  ) -> [Double] {
    var total = [Double](repeating: 0, count: parameters.count)
    var slope = slope
    for (layer, trace) in zip(layers, traces).reversed() {
      slope = layer.backward(slope, trace, parameters, gradient: &total)
    }
    for i in 0..<dimension {
      total[i] += slope[i] * noise[i] * exp(parameters[i]) + 1
      total[dimension + i] += slope[i]
    }
    return total
  }

  /// Draw `index` from q: a function of (seed, index).
  public func sample(seed: UInt64, index: Int) -> [Double] {
    var stream = RandomStream(seed: seed, stream: SubspaceStream.draw(index))
    return transform((0..<dimension).map { _ in Double(stream.normal()) }) { _ in }
  }

  private func transform(_ noise: [Double], _ keep: (CouplingLayer.Trace) -> Void) -> [Double] {
    var x = (0..<dimension).map { noise[$0] * exp(parameters[$0]) + parameters[dimension + $0] }
    for layer in layers {
      let trace = layer.forward(x, parameters)
      x = trace.output
      keep(trace)
    }
    return x
  }
}

/// One coupling layer; its parameters are the two networks' and one scale factor a for each moved
/// coordinate.
struct CouplingLayer: Sendable {
  let kept: Range<Int>
  let moved: Range<Int>
  let count: Int
  private let scaleNetwork: PerceptronLayers
  private let shiftNetwork: PerceptronLayers
  private let factors: Int

  /// What a forward pass leaves for the backward pass.
  struct Trace: Sendable {
    let input: [Double]
    let output: [Double]
    let scale: PerceptronLayers.Activations
    let shift: PerceptronLayers.Activations
    let logScale: [Double]
  }

  init(dimension: Int, keepsSecond: Bool, offset: Int) {
    let half = dimension / 2
    kept = keepsSecond ? half..<dimension : 0..<half
    moved = keepsSecond ? 0..<half : half..<dimension
    let widths = [kept.count, 128, 128, 128, moved.count]
    scaleNetwork = PerceptronLayers(widths: widths, offset: offset)
    shiftNetwork = PerceptronLayers(widths: widths, offset: offset + scaleNetwork.count)
    factors = offset + scaleNetwork.count + shiftNetwork.count
    count = scaleNetwork.count + shiftNetwork.count + moved.count
  }

  func initialize(_ parameters: inout [Double], _ stream: inout RandomStream) {
    scaleNetwork.initialize(&parameters, &stream)
    shiftNetwork.initialize(&parameters, &stream)
    for i in 0..<moved.count { parameters[factors + i] = 1 }
  }

  func forward(_ x: [Double], _ parameters: [Double]) -> Trace {
    let input = Array(x[kept])
    let scale = scaleNetwork.forward(input, parameters)
    let shift = shiftNetwork.forward(input, parameters)
    var y = x
    var logScale: [Double] = []
    for (k, i) in moved.enumerated() {
      let s = parameters[factors + k] * tanh(scale[scale.count - 1][k])
      logScale.append(s)
      y[i] = x[i] * exp(s) + shift[shift.count - 1][k]
    }
    return Trace(input: x, output: y, scale: scale, shift: shift, logScale: logScale)
  }

  /// The gradient by the input of f(y) + Σ s, given that of f by y; adds that by the parameters.
  func backward(
    _ slope: [Double], _ trace: Trace, _ parameters: [Double], gradient: inout [Double]
  ) -> [Double] {
    var before = slope
    var scaleSlope: [Double] = []
    var shiftSlope: [Double] = []
    for (k, i) in moved.enumerated() {
      let s = trace.logScale[k]
      let bySum = slope[i] * trace.input[i] * exp(s) + 1
      let t = tanh(trace.scale[trace.scale.count - 1][k])
      gradient[factors + k] += bySum * t
      scaleSlope.append(bySum * parameters[factors + k] * (1 - t * t))
      shiftSlope.append(slope[i])
      before[i] = slope[i] * exp(s)
    }
    let a = scaleNetwork.backward(scaleSlope, trace.scale, parameters, gradient: &gradient)
    let b = shiftNetwork.backward(shiftSlope, trace.shift, parameters, gradient: &gradient)
    for (k, i) in kept.enumerated() { before[i] += a[k] + b[k] }
    return before
  }
}

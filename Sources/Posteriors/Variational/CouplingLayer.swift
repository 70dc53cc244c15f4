import Glibc
import Randomness

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

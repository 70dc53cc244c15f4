import Glibc
import Randomness

/// A small fully connected network in Double whose parameters lie in a given array: layers of ReLU
/// units and a linear one at the end.
///
/// For the scale and translation of a flow's coupling layers, of one point at a time.
struct PerceptronLayers: Sendable {
  /// The widths from input to output.
  let widths: [Int]
  /// Where the parameters begin in the array: of each layer the weights [outputs, inputs], then the
  /// biases.
  let offset: Int
  let count: Int

  /// The input, then what each layer gives.
  typealias Activations = [[Double]]

  init(widths: [Int], offset: Int) {
    self.widths = widths
    self.offset = offset
    count = (1..<widths.count).reduce(0) { $0 + widths[$1] * (widths[$1 - 1] + 1) }
  }

  /// Uniform weights and biases within ±1/√inputs, and a last layer of zeros, so that a flow starts
  /// as the identity.
  func initialize(_ parameters: inout [Double], _ stream: inout RandomStream) {
    var i = offset
    for layer in 1..<(widths.count - 1) {
      let bound = 1 / Double(widths[layer - 1]).squareRoot()
      for _ in 0..<(widths[layer] * (widths[layer - 1] + 1)) {
        parameters[i] = bound * (2 * stream.openUniform() - 1)
        i += 1
      }
    }
    while i < offset + count {
      parameters[i] = 0
      i += 1
    }
  }

  func forward(_ input: [Double], _ parameters: [Double]) -> Activations {
    var activations = [input]
    var start = offset
    for layer in 1..<widths.count {
      let (inputs, outputs) = (widths[layer - 1], widths[layer])
      let isLast = layer == widths.count - 1
      let source = activations[layer - 1]
      var result = [Double](repeating: 0, count: outputs)
      for o in 0..<outputs {
        var sum = parameters[start + outputs * inputs + o]
        let row = start + o * inputs
        for i in 0..<inputs { sum += parameters[row + i] * source[i] }
        result[o] = isLast ? sum : max(sum, 0)
      }
      activations.append(result)
      start += outputs * (inputs + 1)
    }
    return activations
  }

  /// Adds the gradient by the parameters to `gradient` and returns that by the input.
  func backward(
    _ output: [Double], _ activations: Activations, _ parameters: [Double],
    gradient: inout [Double]
  ) -> [Double] {
    var slope = output
    var end = offset + count
    for layer in stride(from: widths.count - 1, to: 0, by: -1) {
      let (inputs, outputs) = (widths[layer - 1], widths[layer])
      let start = end - outputs * (inputs + 1)
      let source = activations[layer - 1]
      if layer < widths.count - 1 {
        for o in 0..<outputs where activations[layer][o] <= 0 { slope[o] = 0 }
      }
      var before = [Double](repeating: 0, count: inputs)
      for o in 0..<outputs where slope[o] != 0 {
        let row = start + o * inputs
        for i in 0..<inputs {
          gradient[row + i] += slope[o] * source[i]
          before[i] += slope[o] * parameters[row + i]
        }
        gradient[start + outputs * inputs + o] += slope[o]
      }
      slope = before
      end = start
    }
    return slope
  }
}

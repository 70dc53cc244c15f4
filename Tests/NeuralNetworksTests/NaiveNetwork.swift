import Glibc

@testable import NeuralNetworks

/// The naive twin of the engine: every layer written out as its definition, in Double, example by
/// example. BatchNorm uses the batch's statistics; dropout layers pass everything on.
struct NaiveNetwork {
  /// Row-major values of every example.
  typealias Values = [[Double]]

  let network: Network
  /// The batch means and unbiased variances that the last forward pass met, by tensor name.
  private(set) var statistics: [String: [Double]] = [:]

  init(_ network: Network) { self.network = network }

  /// The outputs of a batch in training mode.
  mutating func outputs(_ weights: [Double], _ inputs: Values) -> Values {
    var values: [Values] = [inputs]
    for node in network.nodes.dropFirst() {
      values.append(apply(node, node.inputs.map { values[$0] }, weights))
    }
    return values[values.count - 1]
  }

  /// The mean loss of a batch.
  mutating func loss(_ loss: Loss, _ weights: [Double], _ inputs: Values, _ targets: BatchTargets)
    -> Double
  {
    let outputs = outputs(weights, inputs)
    var total = 0.0
    for (n, y) in outputs.enumerated() {
      switch (loss, targets) {
      case (.crossEntropy, .classes(let classes)):
        total += log(y.reduce(0) { $0 + exp($1) }) - y[Int(classes[n])]
      case (.squaredError, .values(let t)):
        for d in y.indices {
          let difference = y[d] - Double(t[n * y.count + d])
          total += difference * difference / Double(y.count)
        }
      case (.gaussian, .values(let t)):
        let count = y.count / 2
        for d in 0..<count {
          let difference = y[d] - Double(t[n * count + d])
          let variance = y[count + d]
          total += (difference * difference / (2 * variance) + 0.5 * log(variance)) / Double(count)
        }
      default: preconditionFailure("no such loss")
      }
    }
    return total / Double(outputs.count)
  }

  private func tensor(_ name: String, _ weights: [Double]) -> [Double]? {
    network.parameterLayout[name].map { Array(weights[$0.range]) }
  }

  private mutating func apply(_ node: Node, _ inputs: [Values], _ weights: [Double]) -> Values {
    let layer = node.layer
    let x = inputs[0]
    let weight = tensor("\(layer.name).weight", weights) ?? []
    let bias = tensor("\(layer.name).bias", weights)
    switch layer.type {
    case .dense:
      return x.map { dense(node, $0, weight, bias) }
    case .convolution: return x.map { convolution(node, $0, weight, bias) }
    case .batchNorm: return batchNorm(node, x, weight, bias!)
    case .relu: return x.map { $0.map { max($0, 0) } }
    case .tanh: return x.map { $0.map { Glibc.tanh($0) } }
    case .sigmoid: return x.map { $0.map { 1 / (1 + exp(-$0)) } }
    case .maxPool: return x.map { pool(node, $0) { $0.max()! } }
    case .averagePool, .globalAveragePool:
      return x.map { pool(node, $0) { $0.reduce(0, +) / Double($0.count) } }
    case .flatten, .dropout: return x
    case .add:
      var sums = x
      for other in inputs.dropFirst() {
        for n in x.indices {
          for k in x[n].indices { sums[n][k] += other[n][k] }
        }
      }
      return sums
    case .concat: return x.indices.map { n in inputs.flatMap { $0[n] } }
    case .gaussian:
      let noise = softplus(tensor("\(layer.name).var", weights)![0])
      return x.map { row in
        row.enumerated().map { $0 < row.count / 2 ? $1 : softplus($1) + noise }
      }
    default: preconditionFailure("no twin of \(layer.type.rawValue)")
    }
  }

  private func dense(_ node: Node, _ x: [Double], _ weight: [Double], _ bias: [Double]?)
    -> [Double]
  {
    var y: [Double] = []
    for o in 0..<node.shape[0] {
      var sum = bias?[o] ?? 0
      for i in x.indices { sum += weight[o * x.count + i] * x[i] }
      y.append(sum)
    }
    return y
  }

  private func softplus(_ x: Double) -> Double { log1p(exp(x)) }

  private func convolution(_ node: Node, _ x: [Double], _ weight: [Double], _ bias: [Double]?)
    -> [Double]
  {
    let (channels, h, w) = (node.inputShape[0], node.inputShape[1], node.inputShape[2])
    let k = node.layer.kernel!
    let (stride, padding) = (node.layer.stride ?? 1, node.layer.padding ?? 0)
    var y: [Double] = []
    for o in 0..<node.shape[0] {
      for row in 0..<node.shape[1] {
        for column in 0..<node.shape[2] {
          var sum = bias?[o] ?? 0
          for c in 0..<channels {
            for i in 0..<k {
              for j in 0..<k {
                let (r, s) = (row * stride + i - padding, column * stride + j - padding)
                guard r >= 0, r < h, s >= 0, s < w else { continue }
                sum += weight[((o * channels + c) * k + i) * k + j] * x[(c * h + r) * w + s]
              }
            }
          }
          y.append(sum)
        }
      }
    }
    return y
  }

  private mutating func batchNorm(
    _ node: Node, _ x: Values, _ scale: [Double], _ shift: [Double]
  ) -> Values {
    let area = node.shape[1] * node.shape[2]
    let count = Double(x.count * area)
    var y = x
    var means: [Double] = []
    var variances: [Double] = []
    for c in 0..<node.shape[0] {
      let range = (c * area)..<((c + 1) * area)
      let values: [Double] = x.flatMap { $0[range] }
      let mean = values.reduce(0, +) / count
      let squares = values.map { ($0 - mean) * ($0 - mean) }.reduce(0, +)
      means.append(mean)
      variances.append(squares / (count - 1))
      let factor = scale[c] / (squares / count + (node.layer.epsilon ?? 1e-5)).squareRoot()
      for n in x.indices {
        for i in range { y[n][i] = (x[n][i] - mean) * factor + shift[c] }
      }
    }
    statistics["\(node.layer.name).running_mean"] = means
    statistics["\(node.layer.name).running_var"] = variances
    return y
  }

  private func pool(_ node: Node, _ x: [Double], _ body: ([Double]) -> Double) -> [Double] {
    let (h, w) = (node.inputShape[1], node.inputShape[2])
    let whole = node.layer.type == .globalAveragePool
    let kernel = whole ? (h, w) : (node.layer.kernel!, node.layer.kernel!)
    let stride = whole ? 1 : node.layer.stride ?? node.layer.kernel!
    var y: [Double] = []
    for c in 0..<node.shape[0] {
      for row in 0..<node.shape[1] {
        for column in 0..<node.shape[2] {
          var window: [Double] = []
          for i in 0..<kernel.0 {
            for j in 0..<kernel.1 {
              window.append(x[(c * h + row * stride + i) * w + column * stride + j])
            }
          }
          y.append(body(window))
        }
      }
    }
    return y
  }
}

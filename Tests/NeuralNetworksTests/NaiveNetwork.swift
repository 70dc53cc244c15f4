@testable import NeuralNetworks

/// The naive twin of the engine: every layer written out as its definition, in Double, example by
/// example. Dropout layers pass everything on.
typealias NaiveNetwork = Naive<Double>

/// The same for any numbers: with hyper-dual ones it knows its second derivatives.
struct Naive<Number: NaiveNumber> {
  /// Row-major values of every example.
  typealias Values = [[Number]]

  let network: Network
  /// What BatchNorm takes instead of the batch's own statistics, in the order of the network's
  /// buffers.
  var running: [Double]?
  /// The batch means and unbiased variances that the last forward pass met, by tensor name.
  private(set) var statistics: [String: [Number]] = [:]

  init(_ network: Network) { self.network = network }

  /// The outputs of a batch.
  mutating func outputs(_ weights: [Number], _ inputs: Values) -> Values {
    var values: [Values] = [inputs]
    for node in network.nodes.dropFirst() {
      values.append(apply(node, node.inputs.map { values[$0] }, weights))
    }
    return values[values.count - 1]
  }

  /// The mean loss of a batch.
  mutating func loss(
    _ loss: Loss, _ weights: [Number], _ inputs: Values, _ targets: BatchTargets
  ) -> Number {
    let outputs = outputs(weights, inputs)
    var total: Number = 0
    for (n, y) in outputs.enumerated() {
      switch (loss, targets) {
      case (.crossEntropy, .classes(let classes)):
        total += y.reduce(0) { $0 + $1.exponential }.logarithm - y[Int(classes[n])]
      case (.squaredError, .values(let t)):
        for d in y.indices {
          let difference = y[d] - Number(Double(t[n * y.count + d]))
          total += difference * difference / Number(Double(y.count))
        }
      case (.gaussian, .values(let t)):
        let count = y.count / 2
        for d in 0..<count {
          let difference = y[d] - Number(Double(t[n * count + d]))
          let variance = y[count + d]
          let terms = difference * difference / variance + variance.logarithm
          total += terms / Number(2 * Double(count))
        }
      default: preconditionFailure("no such loss")
      }
    }
    return total / Number(Double(outputs.count))
  }

  private func tensor(_ name: String, _ weights: [Number]) -> [Number]? {
    network.parameterLayout[name].map { Array(weights[$0.range]) }
  }

  private mutating func apply(_ node: Node, _ inputs: [Values], _ weights: [Number]) -> Values {
    let layer = node.layer
    let x = inputs[0]
    let weight = tensor("\(layer.name).weight", weights) ?? []
    let bias = tensor("\(layer.name).bias", weights)
    switch layer.type {
    case .dense:
      return x.map { dense(node, $0, weight, bias) }
    case .convolution: return x.map { convolution(node, $0, weight, bias) }
    case .batchNorm: return batchNorm(node, x, weight, bias!)
    case .relu: return x.map { $0.map { $0 > 0 ? $0 : 0 } }
    case .tanh: return x.map { $0.map(\.tanh) }
    case .sigmoid: return x.map { $0.map(\.sigmoid) }
    case .maxPool:
      // Of equal elements the first.
      return x.map { pool(node, $0) { $0.dropFirst().reduce($0[0]) { $1 > $0 ? $1 : $0 } } }
    case .averagePool, .globalAveragePool:
      return x.map { pool(node, $0) { $0.reduce(0, +) / Number(Double($0.count)) } }
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
      let noise = tensor("\(layer.name).var", weights)![0].softplus
      return x.map { row in
        row.enumerated().map { $0 < row.count / 2 ? $1 : $1.softplus + noise }
      }
    default: preconditionFailure("no twin of \(layer.type.rawValue)")
    }
  }

  private func dense(_ node: Node, _ x: [Number], _ weight: [Number], _ bias: [Number]?)
    -> [Number]
  {
    var y: [Number] = []
    for o in 0..<node.shape[0] {
      var sum = bias?[o] ?? 0
      for i in x.indices { sum += weight[o * x.count + i] * x[i] }
      y.append(sum)
    }
    return y
  }

  private func convolution(_ node: Node, _ x: [Number], _ weight: [Number], _ bias: [Number]?)
    -> [Number]
  {
    let (channels, h, w) = (node.inputShape[0], node.inputShape[1], node.inputShape[2])
    let k = node.layer.kernel!
    let (stride, padding) = (node.layer.stride ?? 1, node.layer.padding ?? 0)
    var y: [Number] = []
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
    _ node: Node, _ x: Values, _ scale: [Number], _ shift: [Number]
  ) -> Values {
    let area = node.shape[1] * node.shape[2]
    let count = Double(x.count * area)
    let epsilon = Number(node.layer.epsilon ?? 1e-5)
    var y = x
    var means: [Number] = []
    var variances: [Number] = []
    for c in 0..<node.shape[0] {
      let range = (c * area)..<((c + 1) * area)
      let values: [Number] = x.flatMap { $0[range] }
      var mean = values.reduce(0, +) / Number(count)
      var variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Number(count)
      means.append(mean)
      variances.append(variance * Number(count / (count - 1)))
      if let running {
        func statistic(_ suffix: String) -> Number {
          let range = network.bufferLayout["\(node.layer.name).\(suffix)"]!.range
          return Number(running[range.lowerBound + c])
        }
        (mean, variance) = (statistic("running_mean"), statistic("running_var"))
      }
      let factor = scale[c] / (variance + epsilon).squareRoot
      for n in x.indices {
        for i in range { y[n][i] = (x[n][i] - mean) * factor + shift[c] }
      }
    }
    statistics["\(node.layer.name).running_mean"] = means
    statistics["\(node.layer.name).running_var"] = variances
    return y
  }

  private func pool(_ node: Node, _ x: [Number], _ body: ([Number]) -> Number) -> [Number] {
    let (h, w) = (node.inputShape[1], node.inputShape[2])
    let whole = node.layer.type == .globalAveragePool
    let kernel = whole ? (h, w) : (node.layer.kernel!, node.layer.kernel!)
    let stride = whole ? 1 : node.layer.stride ?? node.layer.kernel!
    var y: [Number] = []
    for c in 0..<node.shape[0] {
      for row in 0..<node.shape[1] {
        for column in 0..<node.shape[2] {
          var window: [Number] = []
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

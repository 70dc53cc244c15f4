import Randomness
import WeightSpace

extension Network {
  /// Weights to start training from, as published for each network: every tensor is drawn from its
  /// own stream of the seed.
  ///
  /// - `uniformFanIn`: weight and bias uniform on ±1/√fan_in, fan_in = I·k·k (PyTorch's default).
  /// - `heFanOut`: weight normal with variance 2/(k·k·O), bias zero (He et al. 2015).
  /// - BatchNorm: γ = 1, β = 0. The learned noise of a regression: 0.
  public func initialWeights(seed: UInt64) -> WeightVector {
    var weights = WeightVector(count: parameterCount)
    var tensor: UInt64 = 0
    for node in nodes {
      let layer = node.layer
      for parameter in layer.parameters(input: node.inputShape) {
        let range = parameterLayout[parameter.name]!.range
        var stream = RandomStream(seed: seed, stream: tensor)
        tensor += 1
        switch parameter.role {
        case .scale: for i in range { weights[i] = 1 }
        case .weight where layer.initialization == .heFanOut:
          let area = parameter.shape.dropFirst(2).reduce(1, *)
          let deviation = Float((2 / Double(area * parameter.shape[0])).squareRoot())
          for i in range { weights[i] = deviation * stream.normal() }
        case .bias where layer.initialization == .heFanOut: break
        case .weight, .bias:
          let area = layer.type == .convolution ? layer.kernel! * layer.kernel! : 1
          let bound = Float(1 / Double(node.inputShape[0] * area).squareRoot())
          for i in range { weights[i] = bound * (2 * stream.uniform() - 1) }
        default: break
        }
      }
    }
    return weights
  }

  /// Running statistics before training: mean 0, variance 1.
  public func initialBuffers() -> WeightVector {
    var buffers = WeightVector(count: bufferLayout.count)
    for slot in bufferLayout.slots where slot.role == .runningVariance {
      for i in slot.range { buffers[i] = 1 }
    }
    return buffers
  }
}

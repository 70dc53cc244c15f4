import Randomness
import WeightSpace

extension Network {
  /// Weights to start training from, as published for each network: every tensor is drawn from its
  /// own stream of the seed, as its layer says.
  public func initialWeights(seed: UInt64) -> WeightVector {
    var weights = WeightVector(count: parameterCount)
    var tensor: UInt64 = 0
    for node in nodes {
      for parameter in node.type.parameters {
        let range = parameterLayout[node.tensorName(parameter)]!.range
        var stream = RandomStream(
          seed: seed, stream: RandomPurpose.initialWeights.stream(tensor))
        tensor += 1
        switch parameter.initial {
        case .constant(let value): for i in range { weights[i] = value }
        case .normal(let deviation): for i in range { weights[i] = deviation * stream.normal() }
        case .uniform(let bound): for i in range { weights[i] = bound * (2 * stream.uniform() - 1) }
        }
      }
    }
    return weights
  }

  /// Running statistics before training: mean 0, variance 1.
  public func initialBuffers() -> WeightVector {
    var buffers = WeightVector(count: bufferLayout.count)
    for node in nodes {
      for statistic in node.type.statistics {
        guard case .constant(let value) = statistic.initial else { continue }
        for i in bufferLayout[node.tensorName(statistic)]!.range { buffers[i] = value }
      }
    }
    return buffers
  }
}

import WeightSpace

extension Layer {
  /// The shape of the result for one example.
  ///
  /// Throws `NetworkError` that names the layer and the shape that does not fit.
  func outputShape(of inputs: [[Int]]) throws -> [Int] {
    func fail(_ problem: String) -> NetworkError {
      NetworkError("architecture: layer \(name): \(problem)")
    }
    guard inputs.count == 1 || type == .add || type == .concat else {
      throw fail("takes one input, not \(inputs.count)")
    }
    let shape = inputs[0]
    func requireImage() throws {
      guard shape.count == 3 else {
        throw fail("reads [C, H, W], but its input has shape \(shape)")
      }
    }
    func windowed(_ channels: Int, kernel: Int, stride: Int, padding: Int) throws -> [Int] {
      guard kernel > 0, stride > 0, padding >= 0, padding < kernel else {
        throw fail("kernel \(kernel), stride \(stride), padding \(padding) make no window")
      }
      let sides = shape[1...].map { ($0 + 2 * padding - kernel) / stride + 1 }
      guard shape[1...].allSatisfy({ $0 + 2 * padding >= kernel }) else {
        throw fail("its window of \(kernel) is larger than its input \(shape)")
      }
      return [channels] + sides
    }
    switch type {
    case .convolution:
      try requireImage()
      guard let outputs, outputs > 0 else { throw fail("\"outputs\" is missing") }
      guard let kernel else { throw fail("\"kernel\" is missing") }
      return try windowed(outputs, kernel: kernel, stride: stride ?? 1, padding: padding ?? 0)
    case .dense:
      guard shape.count == 1 else {
        throw fail("reads [features], but its input has shape \(shape); put a flatten before it")
      }
      guard let outputs, outputs > 0 else { throw fail("\"outputs\" is missing") }
      return [outputs]
    case .maxPool, .averagePool:
      try requireImage()
      guard let kernel else { throw fail("\"kernel\" is missing") }
      guard (padding ?? 0) == 0 else { throw fail("pooling takes no padding") }
      return try windowed(shape[0], kernel: kernel, stride: stride ?? kernel, padding: 0)
    case .globalAveragePool:
      try requireImage()
      return [shape[0], 1, 1]
    case .batchNorm:
      try requireImage()
      return shape
    case .relu, .tanh, .sigmoid: return shape
    case .dropout:
      guard let probability, (0..<1).contains(probability) else {
        throw fail("\"probability\" must be at least 0 and below 1")
      }
      return shape
    case .flatten: return [shape.reduce(1, *)]
    case .add:
      guard inputs.count >= 2, inputs.allSatisfy({ $0 == shape }) else {
        throw fail("adds two or more tensors of one shape, not \(inputs)")
      }
      return shape
    case .concat:
      guard inputs.count >= 2, inputs.allSatisfy({ $0.dropFirst() == shape.dropFirst() }) else {
        throw fail("joins tensors that differ in channels alone, not \(inputs)")
      }
      return [inputs.reduce(0) { $0 + $1[0] }] + shape.dropFirst()
    case .gaussian:
      guard shape.count == 1, shape[0] % 2 == 0 else {
        throw fail("reads a mean and a raw variance per target, but its input has shape \(shape)")
      }
      return shape
    }
  }

  /// Names, shapes and roles of the layer's parameters in the published order.
  func parameters(input: [Int]) -> [(name: String, shape: [Int], role: TensorRole)] {
    switch type {
    case .convolution, .dense:
      let outputs = outputs ?? 0
      let kernel = type == .convolution ? [kernel ?? 1, kernel ?? 1] : []
      let weight = ("\(name).weight", [outputs, input[0]] + kernel, TensorRole.weight)
      return bias ?? true ? [weight, ("\(name).bias", [outputs], .bias)] : [weight]
    case .batchNorm:
      return [("\(name).weight", [input[0]], .scale), ("\(name).bias", [input[0]], .shift)]
    case .gaussian: return [("\(name).var", [1], .other)]
    default: return []
    }
  }

  /// Names and shapes of the layer's running statistics.
  func statistics(input: [Int]) -> [(name: String, shape: [Int], role: TensorRole)] {
    guard type == .batchNorm else { return [] }
    return [
      ("\(name).running_mean", [input[0]], .runningMean),
      ("\(name).running_var", [input[0]], .runningVariance),
    ]
  }
}

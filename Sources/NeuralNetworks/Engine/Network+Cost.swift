/// What a network is run for.
public enum EngineUse: Sendable, CaseIterable {
  case prediction, sampling, statistics, refreshing, training

  var options: PlanOptions {
    switch self {
    case .prediction: .prediction
    case .sampling: .sampling
    case .statistics: .statistics
    case .refreshing: .refreshing
    case .training: .training
    }
  }

  /// Passes through the network that a batch takes: backward ones count twice.
  public var passes: Double { self == .training ? 3 : 1 }
}

extension Network {
  /// What oneDNN's code and its threads take when they run.
  private static let libraryBytes = 6e6

  /// What the engine holds to run batches of these sizes, in bytes: activations, gradients, weights in
  /// its own order, and oneDNN's scratchpad. It draws up the plans, whose buffers take no room before
  /// they are used, and lets go of them.
  ///
  /// Throws `NetworkError`.
  public func engineBytes(_ use: EngineUse, batchSizes: Set<Int>) throws -> Double {
    let before = Buffer.bytesInUse
    let plans = try batchSizes.sorted().map {
      try Plan(self, use.options, batchSize: $0, checked: false)
    }
    let scratchpad = plans.map(\.scratchpadBytes).max() ?? 0
    return withExtendedLifetime(plans) {
      Double(Buffer.bytesInUse - before + scratchpad) + Self.libraryBytes
    }
  }

  /// Multiplications of weights in one forward pass of one example.
  public var multiplications: Double {
    nodes.reduce(0) { sum, node in
      // A filter is used at each place of the result.
      let places = node.shape.count == 3 ? Double(node.shape[1] * node.shape[2]) : 1
      return sum
        + node.type.parameters.filter { $0.shape.count > 1 }.reduce(0) {
          $0 + places * $1.shape.reduce(1) { $0 * Double($1) }
        }
    }
  }

  /// Multiplications that a thread does in a second, and seconds that a layer takes however small it is.
  private static let rate = 7e10
  private static let layerTime = 6e-6

  /// Seconds to run so many examples, in batches, on so many threads: to a factor of two on a processor
  /// with AVX-512, and twice that with AVX2.
  public func seconds(_ use: EngineUse, examples: Double, batchSize: Int, threads: Int) -> Double {
    let batches = (examples / Double(max(batchSize, 1))).rounded(.up)
    return use.passes
      * (examples * multiplications / (Self.rate * Double(threads))
        + batches * Double(nodes.count) * Self.layerTime)
  }
}

import WeightSpace

/// The batch statistics of one BatchNorm layer after a forward pass.
struct BatchStatistics {
  let mean: Memory
  let variance: Memory
  /// Both as they were summed up, [2, C] with what fills the last block of channels up; nil where
  /// they are oneDNN's.
  let exact: ExactStatistics?
  /// Ranges of the flat vector of running statistics.
  let meanRange: Range<Int>
  let varianceRange: Range<Int>
  let momentum: Double
  /// Elements per channel, N·H·W.
  let count: Int
}

/// One number of a batch's statistics, which outlives the next forward pass.
struct BatchStatistic {
  /// Its place in the flat vector of running statistics.
  let i: Int
  let value: Double
  /// What makes a variance unbiased; 1 for a mean.
  let factor: Double
  /// m, of its layer.
  let momentum: Double

  /// running ← (1−m)·running + m·batch.
  func move(_ buffers: inout WeightVector) {
    buffers[i] = Float((1 - momentum) * Double(buffers[i]) + momentum * factor * value)
  }
}

extension Plan {
  /// Every statistic of the last batch: its place in the flat vector of running statistics, its
  /// value with the factor that makes a variance unbiased (n/(n−1), n = N·H·W; 1 for a mean), and
  /// its layer's momentum.
  func forEachStatistic(
    _ body: (_ i: Int, _ value: Double, _ factor: Double, _ momentum: Double) -> Void
  ) {
    for layer in statistics {
      let channels = layer.meanRange.count
      let unbiased = Double(layer.count) / Double(max(layer.count - 1, 1))
      if let exact = layer.exact {
        for c in 0..<channels {
          body(layer.meanRange.lowerBound + c, exact.mean(c), 1, layer.momentum)
          body(
            layer.varianceRange.lowerBound + c, exact.variance(c), unbiased, layer.momentum)
        }
        continue
      }
      let mean = unsafe layer.mean.buffer!.floats(channels)
      let variance = unsafe layer.variance.buffer!.floats(channels)
      for c in 0..<channels {
        unsafe body(layer.meanRange.lowerBound + c, Double(mean[c]), 1, layer.momentum)
        unsafe body(
          layer.varianceRange.lowerBound + c, Double(variance[c]), unbiased, layer.momentum)
      }
    }
  }

  /// running ← (1−m)·running + m·batch with each BatchNorm layer's momentum m and the unbiased batch
  /// variance.
  func moveRunningStatistics(_ buffers: inout WeightVector) {
    forEachStatistic {
      BatchStatistic(i: $0, value: $1, factor: $2, momentum: $3).move(&buffers)
    }
  }

  /// All statistics of the last batch.
  var batchStatistics: [BatchStatistic] {
    var all: [BatchStatistic] = []
    forEachStatistic {
      all.append(BatchStatistic(i: $0, value: $1, factor: $2, momentum: $3))
    }
    return all
  }
}

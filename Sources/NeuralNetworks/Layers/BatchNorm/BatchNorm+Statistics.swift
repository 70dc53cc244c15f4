import COneDNN

/// A batch's mean and variance of each channel, summed up in Double.
final class ExactStatistics {
  private let grid: Grid
  private var sums: [Double]

  init(_ grid: Grid) {
    self.grid = grid
    sums = Array(repeating: 0, count: Int(ODNN_CHUNKS) * 2 * grid.padded)
  }

  func mean(_ channel: Int) -> Double { sums[channel] }
  func variance(_ channel: Int) -> Double { sums[grid.padded + channel] }

  /// Measures `x`, and leaves both rounded in the memories that the normalisation reads.
  @unsafe func measure(_ x: Memory, mean: Memory, variance: Memory) {
    var grid = grid.c
    unsafe sums.withUnsafeMutableBufferPointer {
      unsafe odnn_norm_statistics(
        &grid, x.buffer!.floats(x.layout.byteCount / 4).baseAddress!, $0.baseAddress!)
    }
    let channels = Int(grid.channels)
    let (m, v) = unsafe (mean.buffer!.floats(channels), variance.buffer!.floats(channels))
    for c in 0..<channels {
      unsafe m[c] = Float(self.mean(c))
      unsafe v[c] = Float(self.variance(c))
    }
  }
}

import CKernels

extension RandomStream {
  /// How often each of N rows is drawn when N are drawn with replacement, each equally likely: the
  /// counts of one bootstrap sample, a function of (seed, stream, N).
  ///
  /// No count is above 255, which a sample exceeds with a probability below 10⁻⁵⁰⁰.
  /// Cost: O(N), about one word of the stream a row. At most 2³² − 1 rows.
  public static func fillResamplingCounts(
    _ counts: inout MutableSpan<UInt8>, seed: UInt64, stream: StreamNumber
  ) { fillResamplingCounts(&counts, seed: seed, stream: stream.value) }

  static func fillResamplingCounts(
    _ counts: inout MutableSpan<UInt8>, seed: UInt64, stream: UInt64
  ) {
    let rows = counts.count
    guard rows > 0 else { return }
    precondition(rows < 1 << 32, "too many rows")
    for i in 0..<rows { counts[i] = 0 }
    let bound = UInt64(rows)
    // Lemire's multiplication: products whose lower half is below this would favour some rows.
    let rejected = UInt32(truncatingIfNeeded: ((1 << 32) - bound) % bound)
    var words = [UInt32](repeating: 0, count: 4096)
    var drawn = 0
    var block: UInt64 = 0
    while drawn < rows {
      let blocks = min(words.count / 4, (rows - drawn + 3) / 4)
      unsafe words.withUnsafeMutableBufferPointer {
        unsafe ck_philox(seed, stream, block, blocks, $0.baseAddress!)
      }
      block += UInt64(blocks)
      let fresh = words.span
      for k in 0..<4 * blocks where drawn < rows {
        let product = UInt64(fresh[k]) * bound
        if UInt32(truncatingIfNeeded: product) < rejected { continue }
        let row = Int(product >> 32)
        if counts[row] < 255 {
          counts[row] &+= 1
        }
        drawn += 1
      }
    }
  }
}

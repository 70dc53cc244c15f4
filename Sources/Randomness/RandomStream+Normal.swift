import CKernels

// Standard normal variates by Box and Muller's method ("A note on the generation of random normal
// deviates", 1958): block b of a stream gives variates 4b to 4b + 3, two from each pair of its
// words. They have 24 bits, lie within ±6.77, and are the same bits on every machine.
extension RandomStream {
  /// Variates index, index + 1, … of the stream's standard normal sequence, one for each element.
  ///
  /// Variate i is a function of (seed, stream, i): however a range is cut into calls, and on
  /// whatever threads they run, the variates are the same. Any index is reached in constant time.
  public static func fillNormals(
    _ variates: inout MutableSpan<Float>, seed: UInt64, stream: StreamNumber, from index: Int = 0
  ) { fillNormals(&variates, seed: seed, stream: stream.value, from: index) }

  static func fillNormals(
    _ variates: inout MutableSpan<Float>, seed: UInt64, stream: UInt64, from index: Int = 0
  ) {
    precondition(index >= 0, "variates are counted from 0")
    unsafe variates.withUnsafeMutableBufferPointer { out in
      guard let base = out.baseAddress else { return }
      var done = 0
      // A first and a last block of which only a part is wanted go by way of a copy.
      func part(of block: Int, from start: Int) {
        var four: InlineArray<4, Float> = .init(repeating: 0)
        var span = four.mutableSpan
        unsafe span.withUnsafeMutableBufferPointer {
          unsafe ck_normals(seed, stream, UInt64(block), 1, $0.baseAddress!)
        }
        for k in start..<min(4, start + out.count - done) {
          unsafe base[done] = four[k]
          done += 1
        }
      }
      if index % 4 != 0 { part(of: index / 4, from: index % 4) }
      let whole = (out.count - done) / 4
      if whole > 0 {
        unsafe ck_normals(seed, stream, UInt64((index + done) / 4), whole, base + done)
        done += 4 * whole
      }
      if done < out.count { part(of: (index + done) / 4, from: 0) }
    }
  }

  /// Variate `index` of the stream's standard normal sequence, as `fillNormals` gives it.
  public static func normal(seed: UInt64, stream: StreamNumber, index: Int) -> Float {
    normal(seed: seed, stream: stream.value, index: index)
  }

  static func normal(seed: UInt64, stream: UInt64, index: Int) -> Float {
    var one: InlineArray<1, Float> = .init(repeating: 0)
    var span = one.mutableSpan
    fillNormals(&span, seed: seed, stream: stream, from: index)
    return one[0]
  }

  /// A standard normal variate from the next two words. The other variate of the pair is dropped,
  /// so that a stream's state is its position alone; `fillNormals` wastes none.
  public mutating func normal() -> Float {
    let a = nextWord()
    let b = nextWord()
    var pair: InlineArray<2, Float> = .init(repeating: 0)
    var span = pair.mutableSpan
    unsafe span.withUnsafeMutableBufferPointer { unsafe ck_normal_pair(a, b, $0.baseAddress!) }
    return pair[0]
  }
}

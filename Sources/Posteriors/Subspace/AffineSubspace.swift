import WeightSpace

/// The points ŵ + Σⱼ zⱼ pⱼ of weight space, for a shift ŵ and K directions pⱼ that are held in
/// memory: 4 (K + 1) P bytes.
///
/// A point is summed in Double in the directions' order and rounded once, exactly as the snapshots
/// of an affine trajectory are made, so that a file's reader meets the weights that were sampled.
public struct AffineSubspace: ~Copyable, Sendable {
  /// P
  public let parameterCount: Int
  /// K
  public let dimension: Int
  /// ŵ
  public var shift: WeightVector
  /// [K, P] row-major.
  private var directions: WeightVector

  /// The zero shift and zero directions, to be filled.
  public init(parameterCount: Int, dimension: Int) {
    self.parameterCount = parameterCount
    self.dimension = dimension
    shift = WeightVector(count: parameterCount)
    directions = WeightVector(count: parameterCount * dimension)
  }

  /// Sets direction j.
  public mutating func setDirection(_ j: Int, _ fill: (inout MutableSpan<Float>) throws -> Void)
    rethrows
  {
    precondition(j >= 0 && j < dimension, "no such direction")
    try directions.withMutableSpan(j * parameterCount..<(j + 1) * parameterCount, fill)
  }

  /// w ← ŵ + Σⱼ zⱼ pⱼ. Cost: O(K P).
  public func point(_ z: [Double], into w: inout WeightVector) {
    precondition(z.count == dimension && w.count == parameterCount, "a number for each direction")
    let count = parameterCount
    w.copy(from: shift)
    forEachChunk(updating: &w) { w, range in
      var memory = [Double](repeating: 0, count: range.count)
      var sums = memory.mutableSpan
      sums.accumulate(w.span)
      for j in 0..<z.count {
        let start = j * count + range.lowerBound
        directions.withSpan(start..<start + range.count) {
          sums.accumulate($0, weight: z[j])
        }
      }
      w.setQuotients(of: sums.span, by: 1)
    }
  }

  /// ⟨pⱼ, g⟩ for every direction: the gradient by z of a function whose gradient by w is g.
  /// Cost: O(K P).
  public func project(_ g: borrowing WeightVector) -> [Double] {
    precondition(g.count == parameterCount, "an element for each parameter")
    let count = parameterCount
    var partial: [Double] = []
    for j in 0..<dimension {
      partial.append(
        g.withSpan { g in
          directions.withSpan(j * count..<(j + 1) * count) { p in p.chunkedDot(g) }
        })
    }
    return partial
  }

  /// A number that differs for subspaces that differ: FNV-1a over the shift and the directions, about
  /// a million elements of each at equal distances.
  public var digest: String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ elements: Span<Float>) {
      for i in stride(from: 0, to: elements.count, by: max(1, elements.count >> 20)) {
        hash = (hash ^ UInt64(elements[i].bitPattern)) &* 0x100_0000_01b3
      }
    }
    shift.withSpan { mix($0) }
    directions.withSpan { mix($0) }
    return String(hash, radix: 16)
  }
}

extension Span where Element == Float {
  /// ⟨a, x⟩, added up chunk by chunk.
  fileprivate func chunkedDot(_ x: Span<Float>) -> Double {
    var sum = 0.0
    for start in stride(from: 0, to: count, by: chunkLength) {
      let end = Swift.min(start + chunkLength, count)
      sum += extracting(start..<end).dot(x.extracting(start..<end))
    }
    return sum
  }
}

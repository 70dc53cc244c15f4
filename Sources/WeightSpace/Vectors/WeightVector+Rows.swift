import CKernels

// A vector of k · n elements as k rows, the points of one weight space one after the other. Rows are
// cut into short chunks, so that a chunk of the result stays in a first-level cache while the rows
// are added to it: each operation is one pass over the memory.
private let rowChunk = 4_096

extension WeightVector {
  /// self ← Σₖ factors[k] · rowₖ, the rows being those of `first`, then those of `rest`, each as long
  /// as this vector; rows with the factor 0 are not read.
  ///
  /// Returns ‖self‖², added up in Double. Bits do not depend on the number of threads. A combination
  /// of one row with the factor 1 is that row.
  public mutating func setCombination(
    _ factors: [Float], ofRows first: borrowing WeightVector, _ rest: borrowing WeightVector
  ) -> Double {
    let count = self.count
    let leading = count > 0 ? first.count / count : 0
    precondition(
      first.count == leading * count && rest.count == (factors.count - leading) * count,
      "a factor for each row")
    let used = factors.indices.filter { factors[$0] != 0 }
    return unsafe withUnsafeMutableBufferPointer { target in
      nonisolated(unsafe) let target = unsafe target
      return unsafe first.withUnsafeBufferPointer { first in
        nonisolated(unsafe) let first = unsafe first
        return unsafe rest.withUnsafeBufferPointer { rest in
          nonisolated(unsafe) let rest = unsafe rest
          // Sendable: rows are only read, and the chunks of the target are disjoint.
          return sumOverChunks(count: count, length: rowChunk) { range in
            func row(_ k: Int) -> UnsafeBufferPointer<Float> {
              let start = (k < leading ? k : k - leading) * count + range.lowerBound
              return unsafe (k < leading ? first : rest).extracting(start..<(start + range.count))
            }
            if used.count == 3 {
              // The usual case, both ends and one bend, in one loop.
              return unsafe ck_mix3(
                target.baseAddress! + range.lowerBound, factors[used[0]], row(used[0]).baseAddress!,
                factors[used[1]], row(used[1]).baseAddress!, factors[used[2]],
                row(used[2]).baseAddress!, range.count)
            }
            var chunk = unsafe target.extracting(range).mutableSpan
            if used.isEmpty { chunk.update(repeating: 0) }
            for k in used {
              unsafe addRow(factors[k], row(k).span, to: &chunk, isFirst: k == used[0])
            }
            return chunk.span.dot(chunk.span)
          }
        }
      }
    }
  }

  /// Rowₖ ← factors[k] · (g + decay · w), the rows being this vector's, each as long as g and w.
  public mutating func setRows(
    _ factors: [Float], times g: borrowing WeightVector, plus decay: Float,
    _ w: borrowing WeightVector
  ) {
    let length = g.count
    precondition(
      w.count == length && count == factors.count * length, "a factor for each row")
    unsafe withUnsafeMutableBufferPointer { target in
      nonisolated(unsafe) let target = unsafe target
      unsafe g.withUnsafeBufferPointer { g in
        nonisolated(unsafe) let g = unsafe g
        unsafe w.withUnsafeBufferPointer { w in
          nonisolated(unsafe) let w = unsafe w
          // Sendable: g and w are only read, and the chunks of the rows are disjoint.
          forEachChunk(count: length, length: rowChunk) { range in
            for (k, factor) in factors.enumerated() {
              let start = k * length + range.lowerBound
              var row = unsafe target.extracting(start..<(start + range.count)).mutableSpan
              setRow(
                &row, factor, unsafe g.extracting(range).span, decay,
                unsafe w.extracting(range).span)
            }
          }
        }
      }
    }
  }

  /// Row k, as long as `row`, becomes `row`.
  public mutating func copy(row k: Int, from row: borrowing WeightVector) {
    withMutableSpan((k * row.count)..<((k + 1) * row.count)) { target in
      row.withSpan { row in
        for i in 0..<target.count { target[i] = row[i] }
      }
    }
  }

  /// a ← factor · (a + decay · w). Both have the same length.
  public mutating func scaleSum(_ factor: Float, plus decay: Float, _ w: borrowing WeightVector) {
    forEachChunk(updating: &self, reading: w) { a, w in
      precondition(a.count == w.count)
      for i in 0..<a.count { a[i] = factor * (a[i] + decay * w[i]) }
    }
  }
}

private func addRow(
  _ factor: Float, _ row: Span<Float>, to a: inout MutableSpan<Float>, isFirst: Bool
) {
  precondition(row.count == a.count)
  if isFirst {
    for i in 0..<a.count { a[i] = factor * row[i] }
  } else {
    for i in 0..<a.count { a[i] += factor * row[i] }
  }
}

private func setRow(
  _ a: inout MutableSpan<Float>, _ factor: Float, _ g: Span<Float>, _ decay: Float, _ w: Span<Float>
) {
  precondition(g.count == a.count && w.count == a.count)
  for i in 0..<a.count { a[i] = factor * (g[i] + decay * w[i]) }
}

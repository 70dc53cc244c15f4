import WeightSpace

/// Where the filters of a network lie in its weight vector: the output channels of convolutions and
/// the rows of dense matrices. Biases, BatchNorm's γ and β and other parameters belong to none.
public struct FilterTable: Sendable {
  private struct Tensor {
    let range: Range<Int>
    let length: Int
    let firstFilter: Int
  }

  private let tensors: [Tensor]
  /// The number of filters.
  public let count: Int

  public init(_ layout: VectorLayout) {
    var tensors: [Tensor] = []
    var count = 0
    for slot in layout.slots where slot.role == .weight && slot.count > 0 {
      tensors.append(
        Tensor(range: slot.range, length: slot.count / slot.shape[0], firstFilter: count))
      count += slot.shape[0]
    }
    self.tensors = tensors
    self.count = count
  }

  /// Calls `body` with each filter that has elements among `columns`, and which of the columns they
  /// are, in the columns' order; parts are cut at multiples of `leaf`.
  public func forEachPart(
    of columns: Range<Int>, leaf: Int, _ body: (_ filter: Int, _ part: Range<Int>) -> Void
  ) {
    var index = firstTensor(endingAfter: columns.lowerBound)
    while index < tensors.count, tensors[index].range.lowerBound < columns.upperBound {
      let tensor = tensors[index]
      let all = tensor.range.clamped(to: columns)
      var position = all.lowerBound
      while position < all.upperBound {
        let filter = (position - tensor.range.lowerBound) / tensor.length
        let end = min(
          tensor.range.lowerBound + (filter + 1) * tensor.length, all.upperBound,
          (position / leaf + 1) * leaf)
        body(tensor.firstFilter + filter, position..<end)
        position = end
      }
      index += 1
    }
  }

  private func firstTensor(endingAfter position: Int) -> Int {
    var (low, high) = (0, tensors.count)
    while low < high {
      let middle = (low + high) / 2
      if tensors[middle].range.upperBound > position { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

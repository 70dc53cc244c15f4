// Tensors whose numbers do not lie in the order of their elements, such as transposed ones.

extension PlainTensor {
  /// Fills `bytes` with some elements, row-major, from where the strides say.
  ///
  /// Cost: a read for each stretch of the file in which at least a quarter is wanted, or that is short;
  /// at worst one for each element.
  func gather(
    _ elements: Range<Int>, _ strides: [Int], into bytes: UnsafeMutableRawBufferPointer
  ) throws {
    var gathering = unsafe Gathering(tensor: self, strides: strides, target: bytes)
    try gathering.take(elements, axis: 0, from: 0)
  }
}

/// One pass of gathering: elements come in row-major order, and so `target` is filled from its
/// beginning.
@safe private struct Gathering {
  let tensor: PlainTensor
  let strides: [Int]
  let target: UnsafeMutableRawBufferPointer
  /// Elements that are in place.
  private var done = 0

  init(tensor: PlainTensor, strides: [Int], target: UnsafeMutableRawBufferPointer) {
    self.tensor = tensor
    self.strides = strides
    unsafe self.target = target
  }

  /// Takes a range of the elements of the part of the tensor whose axes begin at `axis`, and whose
  /// first number is number `origin`: a piece of the first row, whole rows, a piece of the last.
  mutating func take(_ range: Range<Int>, axis: Int, from origin: Int) throws {
    if range.isEmpty { return }
    guard axis < strides.count else { return try box([], [], from: origin) }
    let row = tensor.shape[(axis + 1)...].reduce(1, *)
    func piece(of index: Int) -> Range<Int> {
      (max(range.lowerBound, index * row) - index * row)..<(min(range.upperBound, (index + 1) * row)
        - index * row)
    }
    let first = range.lowerBound / row
    let last = (range.upperBound - 1) / row
    var index = first
    while index <= last {
      if piece(of: index).count < row {
        try take(piece(of: index), axis: axis + 1, from: origin + index * strides[axis])
        index += 1
      } else {
        let end = piece(of: last).count == row ? last + 1 : last
        try box(
          [end - index] + tensor.shape[(axis + 1)...], Array(strides[axis...]),
          from: origin + index * strides[axis])
        index = end
      }
    }
  }

  /// Takes all elements of a box.
  private mutating func box(_ extents: [Int], _ strides: [Int], from origin: Int) throws {
    var steps = [Int](repeating: 1, count: extents.count)
    for axis in extents.indices.dropLast().reversed() {
      steps[axis] = steps[axis + 1] * extents[axis + 1]
    }
    try fill(extents, strides, steps, from: origin, at: done)
    done += extents.reduce(1, *)
  }

  /// Fills the box's places, `steps` apart from `place` on, by one read, or by one for each index of the
  /// axis that leads farthest.
  private func fill(
    _ extents: [Int], _ strides: [Int], _ steps: [Int], from origin: Int, at place: Int
  ) throws {
    let size = tensor.type.size
    let reach = zip(extents, strides).map { ($0 - 1) * $1 }
    let span = (reach.reduce(0, +) + 1) * size
    guard span <= max(1 << 12, 4 * size * extents.reduce(1, *)) else {
      guard let axis = reach.indices.max(by: { reach[$0] < reach[$1] }) else { return }
      var rest = extents
      rest[axis] = 1
      for i in 0..<extents[axis] {
        try fill(
          rest, strides, steps, from: origin + i * strides[axis], at: place + i * steps[axis])
      }
      return
    }
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: span, alignment: 64)
    defer { unsafe memory.deallocate() }
    try unsafe tensor.file.read(
      at: tensor.address + origin * size, into: memory, object: tensor.name)
    switch size {
    case 1:
      unsafe scatter(memory.assumingMemoryBound(to: UInt8.self), extents, strides, steps, place)
    case 2:
      unsafe scatter(memory.assumingMemoryBound(to: UInt16.self), extents, strides, steps, place)
    case 4:
      unsafe scatter(memory.assumingMemoryBound(to: UInt32.self), extents, strides, steps, place)
    default:
      unsafe scatter(memory.assumingMemoryBound(to: UInt64.self), extents, strides, steps, place)
    }
  }

  private func scatter<Word>(
    _ source: UnsafeMutableBufferPointer<Word>, _ extents: [Int], _ strides: [Int], _ steps: [Int],
    _ place: Int
  ) {
    let words = unsafe target.assumingMemoryBound(to: Word.self)
    let count = extents.last ?? 1
    let (stride, step) = (strides.last ?? 0, steps.last ?? 0)
    var index = [Int](repeating: 0, count: max(0, extents.count - 1))
    var (from, to) = (0, place)
    while true {
      for i in 0..<count { unsafe words[to + i * step] = source[from + i * stride] }
      var axis = index.count - 1
      while axis >= 0 {
        index[axis] += 1
        from += strides[axis]
        to += steps[axis]
        if index[axis] < extents[axis] { break }
        from -= extents[axis] * strides[axis]
        to -= extents[axis] * steps[axis]
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }
}

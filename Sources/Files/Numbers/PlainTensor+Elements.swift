extension PlainTensor {
  /// All elements of a tensor of single bytes.
  public func bytes() throws -> [UInt8] {
    precondition(type.size == 1, "elements of one byte")
    var bytes = [UInt8](repeating: 0, count: count)
    try unsafe bytes.withUnsafeMutableBytes { target in
      try unsafe forEachPart(of: 0..<count) { part, place in
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[place]).copyMemory(from: part)
      }
    }
    return bytes
  }

  /// All elements, each rounded once.
  public func floats() throws -> [Float] {
    var floats = [Float](repeating: 0, count: count)
    try unsafe floats.withUnsafeMutableBufferPointer { target in
      if type.isFloatingPoint { return try unsafe read(0..<count, into: target) }
      let scratch = 1 << 14
      for start in stride(from: 0, to: count, by: scratch) {
        let numbers = try read(start..<min(start + scratch, count))
        for i in numbers.indices { unsafe target[start + i] = Float(numbers[i]) }
      }
    }
    return floats
  }
}

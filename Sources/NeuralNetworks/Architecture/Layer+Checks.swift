extension Layer {
  /// Throws `NetworkError` that names the layer where a name or an option makes no sense whatever
  /// the layer reads. What depends on the inputs' shapes is checked by `outputShape(of:)`.
  func checkOptions() throws {
    func fail(_ problem: String) -> NetworkError {
      NetworkError("architecture: layer \(name): \(problem)")
    }
    // Names become names of HDF5 datasets.
    guard !name.isEmpty, !name.contains("/") else {
      throw NetworkError(
        "architecture: \"\(name)\" is no name for a layer: a name is not empty and has no slash")
    }
    for (option, value) in [
      ("outputs", outputs), ("kernel", kernel), ("stride", stride), ("padding", padding),
    ] {
      if let value, value > Self.largestOption { throw fail("\"\(option)\" \(value) is too large") }
    }
    if let momentum, !(0...1).contains(momentum) {
      throw fail("\"momentum\" must be from 0 to 1, not \(momentum)")
    }
    if let epsilon, !(epsilon > 0 && epsilon < .infinity) {
      throw fail("\"epsilon\" must be positive, not \(epsilon)")
    }
  }

  private static let largestOption = 1 << 30
}

/// The number of elements of a tensor, nil beyond 2⁴⁰.
func elementCount(_ shape: [Int]) -> Int? {
  var count = 1
  for length in shape {
    let (product, overflow) = count.multipliedReportingOverflow(by: length)
    if overflow || product > 1 << 40 { return nil }
    count = product
  }
  return count
}

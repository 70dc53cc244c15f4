import Files

extension Dataset {
  /// - Throws: `FileError` of kind `wrongData` for the first input or target that is NaN or infinite,
  ///   such as a number beyond the range of float32.
  func requireFinite() throws {
    if case .floats(let floats) = inputs { try check(floats.span, "inputs", width: featureCount) }
    if case .values(let values, let width) = targets {
      try check(values.span, "targets", width: width)
    }
  }

  private func check(_ elements: Span<Float>, _ part: String, width: Int) throws {
    guard let index = firstNonFinite(elements) else { return }
    throw FileError(
      .wrongData, file: name, object: part,
      "example \(index / width), number \(index % width): \(elements[index]) is not a finite number"
        + " (of float32)")
  }
}

extension PlainTensor {
  /// The array in NumPy's format that `size` bytes of a file hold, its head included; nil where its
  /// elements are text.
  ///
  /// - Throws: `FileError` of kind `wrongData` for what is no such array, elements of another type or
  ///   order, and a length that the shape does not have.
  public init?(npy file: PlainFile, name: String, at address: Int, size: Int) throws {
    func problem(_ words: String) -> FileError { file.problem(words, object: name) }
    let header: NpyHeader
    do {
      guard size >= NpyHeader.prefixLength else { throw problem("is no NumPy array") }
      let prefix = try file.bytes(address..<(address + NpyHeader.prefixLength))
      let length = try NpyHeader.length(prefix)
      guard length <= size, length <= 1 << 20 else {
        throw problem("its NumPy header is longer than the array")
      }
      header = try NpyHeader(try file.bytes(address..<(address + length)))
    } catch let failure as NpyHeader.Failure {
      throw problem(failure.problem + (address == 0 ? file.kindOfContent : ""))
    }
    // Texts, of bytes or characters.
    if ["S", "U"].contains(header.descriptor.dropFirst().first ?? " ") { return nil }
    // NumPy has no bfloat16: arrays of it, as ml_dtypes makes them, are saved as two opaque bytes.
    let isBrain = header.descriptor.dropFirst() == "V2"
    guard let type = isBrain ? .bfloat16 : NumberType(descriptor: header.descriptor) else {
      throw problem(
        "type \(jsonString(header.descriptor)) is not read here"
          + (header.descriptor.hasPrefix(">") ? "; save it in little-endian order" : ""))
    }
    guard !header.isFortranOrder || header.shape.count < 2 else {
      throw problem("lies in Fortran order; save numpy.ascontiguousarray of it")
    }
    guard let bytes = type.byteCount(shape: header.shape) else {
      throw problem("shape \(header.shape) is too large")
    }
    guard bytes == size - header.length else {
      throw problem(
        "shape \(header.shape) takes \(bytes) bytes, but the array has \(size - header.length)"
          + (bytes > size - header.length ? "; cut off?" : ""))
    }
    self.init(
      name: name, shape: header.shape, type: type, file: file, address: address + header.length)
  }
}

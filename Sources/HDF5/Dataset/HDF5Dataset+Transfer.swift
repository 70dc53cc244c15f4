import CHDF5
import Files

// Reading and writing elements.
extension HDF5Dataset {
  /// All elements, row-major.
  ///
  /// - Throws: `FileError` of kind `wrongData` where the file cannot be read or holds no numbers.
  public func read<T: HDF5Element>(_: T.Type = T.self) throws -> [T] {
    try read(start: [], count: [])
  }

  /// The block of `count` elements along each axis from `start`, row-major.
  public func read<T: HDF5Element>(_: T.Type = T.self, start: [Int], count: [Int]) throws -> [T] {
    let length = start.isEmpty ? self.count : count.reduce(1, *)
    var values = [T](repeating: .zero, count: length)
    try unsafe values.withUnsafeMutableBufferPointer {
      try unsafe read(start: start, count: count, into: $0)
    }
    return values
  }

  /// Reads a block into memory of exactly its size; the whole dataset where `start` is empty.
  public func read<T: HDF5Element>(
    start: [Int], count: [Int], into target: UnsafeMutableBufferPointer<T>
  ) throws {
    guard let type else { throw problem("holds no numbers") }
    guard target.count > 0 else { return }
    if type == .float16 || type == .bfloat16 {
      return try unsafe readSmall(type, start: start, count: count, into: target)
    }
    if isDisguised { return try unsafe readTruth(start: start, count: count, into: target) }
    let handle = try handle()
    try transfer(
      T.memoryType, start: start, count: count, target.count, .wrongData, "cannot read"
    ) { memory, memorySpace, fileSpace in
      unsafe H5Dread(
        handle, memory, memorySpace, fileSpace, hid_t(H5P_DEFAULT), target.baseAddress)
    }
  }

  /// Reads the bits of a two-byte float type and widens them here.
  private func readSmall<T: HDF5Element>(
    _ type: ElementType, start: [Int], count: [Int], into target: UnsafeMutableBufferPointer<T>
  ) throws {
    var bits = [UInt16](repeating: 0, count: target.count)
    let handle = try handle()
    let stored = H5Dget_type(handle)
    defer { H5Tclose(stored) }
    let memory =
      isDisguised && H5Tget_class(stored) == H5T_INTEGER
      ? H5Tcopy(chdf5_native_uint16()) : H5Tcopy(stored)
    defer { H5Tclose(memory) }
    if !isDisguised { _ = H5Tset_order(memory, H5T_ORDER_LE) }
    try unsafe bits.withUnsafeMutableBufferPointer { bits in
      try transfer(
        memory, start: start, count: count, bits.count, .wrongData, "cannot read"
      ) { memory, memorySpace, fileSpace in
        unsafe H5Dread(
          handle, memory, memorySpace, fileSpace, hid_t(H5P_DEFAULT), bits.baseAddress)
      }
    }
    for i in bits.indices {
      let value = type == .float16 ? HalfPrecision.number(bits[i]) : BrainFloat.number(bits[i])
      unsafe target[i] = T(widening: value)
    }
  }

  /// Reads truth values, an enumeration of one byte, as 0 and 1.
  private func readTruth<T: HDF5Element>(
    start: [Int], count: [Int], into target: UnsafeMutableBufferPointer<T>
  ) throws {
    var bytes = [UInt8](repeating: 0, count: target.count)
    let handle = try handle()
    let stored = H5Dget_type(handle)
    defer { H5Tclose(stored) }
    try unsafe bytes.withUnsafeMutableBufferPointer { bytes in
      try transfer(
        stored, start: start, count: count, bytes.count, .wrongData, "cannot read"
      ) { memory, memorySpace, fileSpace in
        unsafe H5Dread(
          handle, memory, memorySpace, fileSpace, hid_t(H5P_DEFAULT), bytes.baseAddress)
      }
    }
    for i in bytes.indices { unsafe target[i] = T(widening: Float(bytes[i])) }
  }

  /// Writes all elements, row-major.
  public func write<T: HDF5Element>(_ values: [T]) throws {
    try write(values, start: [], count: [])
  }

  /// Writes the block of `count` elements along each axis from `start`.
  public func write<T: HDF5Element>(_ values: [T], start: [Int], count: [Int]) throws {
    try unsafe values.withUnsafeBufferPointer {
      try unsafe write(start: start, count: count, from: $0)
    }
  }

  /// Writes a block from memory of exactly its size; the whole dataset where `start` is empty.
  ///
  /// - Throws: `FileError` of kind `inputOutput`, such as on a full disk.
  public func write<T: HDF5Element>(
    start: [Int], count: [Int], from source: UnsafeBufferPointer<T>
  ) throws {
    guard source.count > 0 else { return }
    let handle = try handle()
    try transfer(
      T.memoryType, start: start, count: count, source.count, .inputOutput, "cannot write"
    ) { memory, memorySpace, fileSpace in
      unsafe H5Dwrite(
        handle, memory, memorySpace, fileSpace, hid_t(H5P_DEFAULT), source.baseAddress)
    }
  }

  /// Selects the block in the file and calls the library.
  func transfer(
    _ memory: hid_t, start: [Int], count: [Int], _ length: Int, _ kind: FileError.Kind,
    _ what: String, _ call: (hid_t, hid_t, hid_t) -> herr_t
  ) throws {
    HDF5Library.prepare()
    let handle = try handle()
    let whole = start.isEmpty
    precondition(
      length == (whole ? self.count : count.reduce(1, *)), "block and memory differ in size")
    if whole {
      if file.inLibrary({ call(memory, hid_t(H5S_ALL), hid_t(H5S_ALL)) }) < 0 {
        throw failure(handle, kind, what)
      }
      return
    }
    precondition(start.count == shape.count && count.count == shape.count, "rank differs")
    let fileSpace = H5Dget_space(handle)
    defer { H5Sclose(fileSpace) }
    // Of the block's own rank: where the shapes differ, the library maps element by element.
    let memorySpace = unsafe H5Screate_simple(
      Int32(count.count), count.map(hsize_t.init), nil)
    defer { H5Sclose(memorySpace) }
    let selected = unsafe H5Sselect_hyperslab(
      fileSpace, H5S_SELECT_SET, start.map(hsize_t.init), nil, count.map(hsize_t.init), nil)
    if selected < 0 || file.inLibrary({ call(memory, memorySpace, fileSpace) }) < 0 {
      throw failure(handle, kind, what)
    }
  }

  private func failure(_ handle: hid_t, _ kind: FileError.Kind, _ what: String) -> FileError {
    let error = file.error(kind, object: path, what)
    guard kind == .wrongData, let filter = Self.missingFilter(handle) else { return error }
    return problem(
      "is packed by the filter \(filter), which this HDF5 library does not have; unpack it with"
        + " h5repack -f NONE where it was made")
  }
}

import CHDF5
import Files

/// What elements are that are read and written as their bytes, little-endian, without conversion.
public enum ByteType: Equatable, Sendable {
  case numbers(ElementType)
  /// One byte each, 0 or 1: the enumeration of FALSE and TRUE that h5py makes of truth values.
  case truth
  /// Values of so many bytes, and a text that says what they are.
  case opaque(size: Int, tag: String)

  /// A new handle for it.
  func makeFileType() -> hid_t {
    switch self {
    case .numbers(let type): return H5Tcopy(type.fileType)
    case .truth:
      let type = H5Tenum_create(chdf5_i8le())
      for (name, value) in [("FALSE", 0), ("TRUE", 1)] as [(String, UInt8)] {
        var value = value
        _ = unsafe H5Tenum_insert(type, name, &value)
      }
      return type
    case .opaque(let size, let tag):
      let type = H5Tcreate(H5T_OPAQUE, size)
      _ = unsafe H5Tset_tag(type, tag)
      return type
    }
  }
}

// Elements as their bytes.
extension HDF5Dataset {
  /// What its bytes are; nil for texts, records and the like.
  public func byteType() throws -> ByteType? {
    let stored = H5Dget_type(try handle())
    defer { H5Tclose(stored) }
    switch content {
    case .numbers(let type): return Self.isTruth(stored) ? .truth : .numbers(type)
    case .unreadable where H5Tget_class(stored) == H5T_OPAQUE:
      guard let text = unsafe H5Tget_tag(stored) else { return nil }
      defer { unsafe H5free_memory(text) }
      return .opaque(size: H5Tget_size(stored), tag: unsafe String(cString: text))
    default: return nil
    }
  }

  private static func isTruth(_ type: hid_t) -> Bool {
    guard H5Tget_class(type) == H5T_ENUM, H5Tget_size(type) == 1, H5Tget_nmembers(type) == 2 else {
      return false
    }
    var values: [UInt8] = [0, 0]
    for i in values.indices { _ = unsafe H5Tget_member_value(type, UInt32(i), &values[i]) }
    return values.sorted() == [0, 1]
  }

  /// The bytes of the block of `count` elements along each axis from `start`, row-major.
  public func readBytes(start: [Int], count: [Int]) throws -> [UInt8] {
    let handle = try handle()
    let memory = byteMemoryType(handle)
    defer { H5Tclose(memory) }
    let length = count.reduce(1, *)
    var bytes = [UInt8](repeating: 0, count: length * H5Tget_size(memory))
    guard !bytes.isEmpty else { return [] }
    try unsafe bytes.withUnsafeMutableBytes { bytes in
      try transfer(
        memory, start: start, count: count, length, .wrongData, "cannot read"
      ) { memory, memorySpace, fileSpace in
        unsafe H5Dread(
          handle, memory, memorySpace, fileSpace, hid_t(H5P_DEFAULT), bytes.baseAddress)
      }
    }
    return bytes
  }

  /// Writes the bytes of a block.
  ///
  /// - Throws: `FileError` of kind `inputOutput`, such as on a full disk.
  public func write(bytes: ArraySlice<UInt8>, start: [Int], count: [Int]) throws {
    let handle = try handle()
    let memory = byteMemoryType(handle)
    defer { H5Tclose(memory) }
    let length = count.reduce(1, *)
    precondition(bytes.count == length * H5Tget_size(memory), "all bytes of each element")
    guard !bytes.isEmpty else { return }
    try unsafe bytes.withUnsafeBytes { bytes in
      try transfer(
        memory, start: start, count: count, length, .inputOutput, "cannot write"
      ) { memory, memorySpace, fileSpace in
        unsafe H5Dwrite(
          handle, memory, memorySpace, fileSpace, hid_t(H5P_DEFAULT), bytes.baseAddress)
      }
    }
  }

  /// The stored type, but little-endian; whole numbers without the padding that files may have in them.
  private func byteMemoryType(_ handle: hid_t) -> hid_t {
    let stored = H5Dget_type(handle)
    defer { H5Tclose(stored) }
    if H5Tget_class(stored) == H5T_INTEGER, let type, type.isInteger {
      return H5Tcopy(type.fileType)
    }
    // Only of a copy can the order be changed.
    let memory = H5Tcopy(stored)
    if [H5T_INTEGER, H5T_FLOAT].contains(H5Tget_class(memory)) {
      _ = H5Tset_order(memory, H5T_ORDER_LE)
    }
    return memory
  }
}

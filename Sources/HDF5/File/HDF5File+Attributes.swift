import CHDF5
import Files

// Attributes of the root, groups and datasets.
extension HDF5File {
  /// Whether the object has that attribute; false where there is no such object.
  public func hasAttribute(_ name: String, of object: String = "/") -> Bool {
    HDF5Library.prepare()
    return exists(object)
      && inLibrary { unsafe H5Aexists_by_name(handle, object, name, hid_t(H5P_DEFAULT)) } > 0
  }

  /// A text; the first where the attribute holds several. Nil where it is missing or no text.
  public func stringAttribute(_ name: String, of object: String = "/") throws -> String? {
    try stringsAttribute(name, of: object)?.first
  }

  /// All texts of an attribute, of fixed or variable length. Nil where it is missing or no text.
  public func stringsAttribute(_ name: String, of object: String = "/") throws -> [String]? {
    guard hasAttribute(name, of: object) else { return nil }
    return try withAttribute(name, of: object) { id, count in
      let stored = H5Aget_type(id)
      defer { H5Tclose(stored) }
      guard H5Tget_class(stored) == H5T_STRING else { return nil }
      if H5Tis_variable_str(stored) > 0 {
        let memory = Self.stringType(H5Tget_cset(stored))
        defer { H5Tclose(memory) }
        var pointers = unsafe [UnsafeMutablePointer<CChar>?](repeating: nil, count: count)
        // The library follows damaged lists of such texts in circles; whole ones take no time at all.
        guard inLibrary(isShort: true, { unsafe H5Aread(id, memory, &pointers) }) >= 0 else {
          throw error(.wrongData, object: object, "attribute \(name)")
        }
        return unsafe pointers.map { pointer in
          guard let pointer = unsafe pointer else { return "" }
          defer { _ = unsafe H5free_memory(pointer) }
          return unsafe String(cString: pointer)
        }
      }
      let size = H5Tget_size(stored)
      var bytes = [UInt8](repeating: 0, count: size * count)
      guard inLibrary({ unsafe H5Aread(id, stored, &bytes) }) >= 0 else {
        throw error(.wrongData, object: object, "attribute \(name)")
      }
      let spacePadded = H5Tget_strpad(stored) == H5T_STR_SPACEPAD
      return (0..<count).map { i in
        var text = bytes[(i * size)..<((i + 1) * size)].prefix { $0 != 0 }
        while spacePadded && text.last == 0x20 { text.removeLast() }
        return String(decoding: text, as: UTF8.self)
      }
    }
  }

  /// A whole number; nil where the attribute is missing or no number.
  public func integerAttribute(_ name: String, of object: String = "/") throws -> Int? {
    try numbers(name, of: object, as: Int64.self)?.first.map { Int($0) }
  }

  /// All numbers of an attribute; nil where it is missing or holds none.
  public func doublesAttribute(_ name: String, of object: String = "/") throws -> [Double]? {
    try numbers(name, of: object, as: Double.self)
  }

  /// Sets a text, replacing what was there.
  public func setAttribute(_ name: String, of object: String = "/", _ value: String) throws {
    try setStrings(name, of: object, [value], scalar: true)
  }

  /// Sets a list of texts, replacing what was there.
  public func setAttribute(_ name: String, of object: String = "/", _ value: [String]) throws {
    try setStrings(name, of: object, value, scalar: false)
  }

  /// Sets a whole number, replacing what was there.
  public func setAttribute(_ name: String, of object: String = "/", _ value: Int) throws {
    try set(name, of: object, type: chdf5_i64le(), count: nil) { id in
      unsafe H5Awrite(id, chdf5_native_int64(), [Int64(value)])
    }
  }

  /// Sets a number, replacing what was there.
  public func setAttribute(_ name: String, of object: String = "/", _ value: Double) throws {
    try set(name, of: object, type: chdf5_f64le(), count: nil) { id in
      unsafe H5Awrite(id, chdf5_native_double(), [value])
    }
  }

  /// Sets a list of numbers, replacing what was there.
  public func setAttribute(_ name: String, of object: String = "/", _ value: [Double]) throws {
    try set(name, of: object, type: chdf5_f64le(), count: value.count) { id in
      value.isEmpty ? 0 : unsafe H5Awrite(id, chdf5_native_double(), value)
    }
  }

  private func withAttribute<R>(
    _ name: String, of object: String, _ body: (hid_t, Int) throws -> R
  ) throws -> R {
    let id = inLibrary {
      unsafe H5Aopen_by_name(handle, object, name, hid_t(H5P_DEFAULT), hid_t(H5P_DEFAULT))
    }
    if id < 0 { throw error(.wrongData, object: object, "attribute \(name)") }
    defer { H5Aclose(id) }
    let space = H5Aget_space(id)
    defer { H5Sclose(space) }
    let type = H5Aget_type(id)
    let size = max(1, H5Tget_size(type))
    H5Tclose(type)
    let count = Int(H5Sget_simple_extent_npoints(space))
    guard count >= 0, count <= (1 << 30) / size else {
      throw FileError(
        .wrongData, file: self.name, object: Self.bare(object), "attribute \(name) is too large")
    }
    return try body(id, count)
  }

  private func numbers<T: HDF5Element>(
    _ name: String, of object: String, as type: T.Type
  ) throws -> [T]? {
    guard hasAttribute(name, of: object) else { return nil }
    return try withAttribute(name, of: object) { id, count in
      let stored = H5Aget_type(id)
      defer { H5Tclose(stored) }
      let kind = H5Tget_class(stored)
      guard kind == H5T_INTEGER || kind == H5T_FLOAT else { return nil }
      var values = [T](repeating: .zero, count: count)
      if count > 0, inLibrary({ unsafe H5Aread(id, T.memoryType, &values) }) < 0 {
        throw error(.wrongData, object: object, "attribute \(name)")
      }
      return values
    }
  }

  private static func stringType(_ characters: H5T_cset_t) -> hid_t {
    let type = H5Tcopy(chdf5_c_string())
    _ = H5Tset_size(type, chdf5_variable_length())
    _ = H5Tset_cset(type, characters)
    return type
  }

  private func setStrings(
    _ name: String, of object: String, _ values: [String], scalar: Bool
  ) throws {
    let type = Self.stringType(H5T_CSET_UTF8)
    defer { H5Tclose(type) }
    let storage = values.map { Array($0.utf8CString) }
    try set(name, of: object, type: type, count: scalar ? nil : values.count) { id in
      guard !values.isEmpty else { return 0 }
      // One block holds all texts, so that the pointers into it live until the call returns.
      let block = storage.flatMap { $0 }
      return unsafe block.withUnsafeBufferPointer { bytes in
        var offset = 0
        let pointers = unsafe storage.map { text in
          defer { offset += text.count }
          return unsafe bytes.baseAddress! + offset
        }
        return unsafe pointers.withUnsafeBytes { unsafe H5Awrite(id, type, $0.baseAddress) }
      }
    }
  }

  /// Creates the attribute anew, scalar where `count` is nil, and lets `write` fill it.
  private func set(
    _ name: String, of object: String, type: hid_t, count: Int?, write: (hid_t) -> herr_t
  ) throws {
    HDF5Library.prepare()
    let none = hid_t(H5P_DEFAULT)
    if unsafe H5Aexists_by_name(handle, object, name, none) > 0 {
      _ = unsafe H5Adelete_by_name(handle, object, name, none)
    }
    let space =
      count.map { unsafe H5Screate_simple(1, [hsize_t($0)], nil) } ?? H5Screate(H5S_SCALAR)
    defer { H5Sclose(space) }
    let id = unsafe H5Acreate_by_name(handle, object, name, type, space, none, none, none)
    if id < 0 { throw error(.inputOutput, object: object, "cannot set attribute \(name)") }
    defer { H5Aclose(id) }
    if write(id) < 0 {
      throw error(.inputOutput, object: object, "cannot set attribute \(name)")
    }
  }
}

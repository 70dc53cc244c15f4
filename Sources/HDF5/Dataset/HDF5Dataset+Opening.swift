import CHDF5
import Files

// Opening a dataset, and how it is laid out.
extension HDF5Dataset {
  /// How a dataset lies in its file.
  struct Storage {
    /// The bytes of an element.
    let size: Int
    let layout: H5D_layout_t
    /// The chunk's shape; nil for an unchunked dataset.
    let chunk: [Int]?
    let filters: Int

    init(of id: hid_t) {
      let type = H5Dget_type(id)
      size = max(1, H5Tget_size(type))
      H5Tclose(type)
      let creation = H5Dget_create_plist(id)
      defer { H5Pclose(creation) }
      layout = H5Pget_layout(creation)
      filters = max(0, Int(H5Pget_nfilters(creation)))
      guard layout == H5D_CHUNKED else {
        chunk = nil
        return
      }
      var extents = [hsize_t](repeating: 0, count: 32)
      let rank = unsafe H5Pget_chunk(creation, 32, &extents)
      chunk = extents.prefix(Int(max(0, rank))).map { Int(clamping: $0) }
    }
  }

  /// Opens a dataset, with a cache of a few chunks where it has filters.
  static func open(_ path: String, in file: HDF5File) throws -> (hid_t, Storage) {
    let id = try open(path, in: file, plainAccess)
    let storage = Storage(of: id)
    guard let chunk = storage.chunk, storage.filters > 0 else { return (id, storage) }
    H5Dclose(id)
    guard let bytes = Extents.product(chunk, times: storage.size), bytes <= 1 << 32 else {
      throw FileError(
        .wrongData, file: file.name, object: HDF5File.bare(path),
        "chunks of shape \(chunk) are too large")
    }
    let access = accessList(cachedBytes: 4 * bytes)
    defer { H5Pclose(access) }
    return (try open(path, in: file, access), storage)
  }

  private static func open(_ path: String, in file: HDF5File, _ access: hid_t) throws -> hid_t {
    let id = unsafe H5Dopen2(file.handle, path, access)
    if id < 0 { throw file.error(.wrongData, object: path, "cannot open the dataset") }
    return id
  }

  /// Without a cache of chunks. Lives as long as the process.
  static let plainAccess = accessList(cachedBytes: 0)

  private static func accessList(cachedBytes: Int) -> hid_t {
    let list = H5Pcreate(chdf5_dataset_access())
    _ = H5Pset_chunk_cache(list, 521, cachedBytes, 1)
    return list
  }

  /// The name and number of the first filter that the library does not have; nil where it has all.
  static func missingFilter(_ id: hid_t) -> String? {
    let creation = H5Dget_create_plist(id)
    defer { H5Pclose(creation) }
    for i in 0..<max(0, H5Pget_nfilters(creation)) {
      var flags: UInt32 = 0
      var parameters = 0
      var name = [CChar](repeating: 0, count: 256)
      let filter = unsafe H5Pget_filter2(
        creation, UInt32(i), &flags, &parameters, nil, name.count - 1, &name, nil)
      guard filter >= 0, H5Zfilter_avail(filter) <= 0 else { continue }
      let text = String(
        decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      return text.isEmpty ? "\(filter)" : "\(text) (\(filter))"
    }
    return nil
  }
}

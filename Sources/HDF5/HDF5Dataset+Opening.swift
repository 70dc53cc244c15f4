import CHDF5
import Files

// Opening a dataset, and how it is laid out.
extension HDF5Dataset {
  /// Opens a dataset whose filters the library has, with a cache of a few chunks where it has any.
  static func open(_ path: String, in file: HDF5File) throws -> hid_t {
    let id = try open(path, in: file, cachedBytes: 0)
    let (chunk, filters) = chunking(id)
    guard let chunk, filters > 0 else { return id }
    let type = H5Dget_type(id)
    let size = max(1, H5Tget_size(type))
    H5Tclose(type)
    let missing = missingFilter(id)
    H5Dclose(id)
    func problem(_ words: String) -> FileError {
      FileError(.wrongData, file: file.name, object: HDF5File.bare(path), words)
    }
    if let missing {
      throw problem(
        "is packed by the filter \(missing), which this HDF5 library does not have; unpack it with"
          + " h5repack -f NONE where it was made")
    }
    guard let bytes = Extents.product(chunk, times: size), bytes <= 1 << 32 else {
      throw problem("chunks of shape \(chunk) are too large")
    }
    return try open(path, in: file, cachedBytes: 4 * bytes)
  }

  private static func open(_ path: String, in file: HDF5File, cachedBytes: Int) throws -> hid_t {
    let access = accessList(cachedBytes: cachedBytes)
    defer { H5Pclose(access) }
    let id = unsafe H5Dopen2(file.handle, path, access)
    if id < 0 { throw file.error(.wrongData, object: path, "cannot open the dataset") }
    return id
  }

  static func accessList(cachedBytes: Int) -> hid_t {
    let list = H5Pcreate(chdf5_dataset_access())
    _ = H5Pset_chunk_cache(list, 521, cachedBytes, 1)
    return list
  }

  /// The chunk's shape, nil for an unchunked dataset, and the number of filters.
  static func chunking(_ id: hid_t) -> (chunk: [Int]?, filters: Int) {
    let creation = H5Dget_create_plist(id)
    defer { H5Pclose(creation) }
    guard H5Pget_layout(creation) == H5D_CHUNKED else { return (nil, 0) }
    var chunk = [hsize_t](repeating: 0, count: 32)
    let rank = unsafe H5Pget_chunk(creation, 32, &chunk)
    return (
      chunk.prefix(Int(max(0, rank))).map { Int(clamping: $0) }, Int(H5Pget_nfilters(creation))
    )
  }

  /// The name and number of the first filter that the library does not have; nil where it has all.
  private static func missingFilter(_ id: hid_t) -> String? {
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

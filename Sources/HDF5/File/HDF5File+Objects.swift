import CHDF5
import Files

// Groups and datasets of a file.
extension HDF5File {
  /// Whether an object of that path can be reached from the root.
  public func exists(_ path: String) -> Bool {
    HDF5Library.prepare()
    return inLibrary {
      var prefix = ""
      for part in path.utf8.split(separator: UInt8(ascii: "/")) {
        prefix += "/" + (String(part) ?? "")
        if unsafe H5Lexists(handle, prefix, hid_t(H5P_DEFAULT)) <= 0 { return false }
        if !canFollow(handle, prefix) { return false }
      }
      return unsafe prefix.isEmpty || H5Oexists_by_name(handle, prefix, hid_t(H5P_DEFAULT)) > 0
    }
  }

  /// Creates a group, and those above it that are missing; creation order is tracked.
  public func createGroup(_ path: String) throws {
    let creation = H5Pcreate(chdf5_group_create())
    defer { H5Pclose(creation) }
    _ = chdf5_no_times(creation)
    _ = H5Pset_link_creation_order(creation, chdf5_creation_order())
    var prefix = ""
    for part in path.split(separator: "/") {
      prefix += "/" + part
      if unsafe H5Lexists(handle, prefix, hid_t(H5P_DEFAULT)) > 0 { continue }
      let id = unsafe H5Gcreate2(handle, prefix, hid_t(H5P_DEFAULT), creation, hid_t(H5P_DEFAULT))
      if id < 0 { throw error(.inputOutput, object: path, "cannot create the group") }
      H5Gclose(id)
    }
  }

  /// Gives an object another name, in a group that exists.
  public func link(_ path: String, as other: String) throws {
    let none = hid_t(H5P_DEFAULT)
    if unsafe H5Lcreate_hard(handle, path, handle, other, none, none) < 0 {
      throw error(.inputOutput, object: other, "cannot link to \(path)")
    }
  }

  /// Removes the link to an object; its space is lost to the file.
  public func remove(_ path: String) throws {
    if unsafe H5Ldelete(handle, path, hid_t(H5P_DEFAULT)) < 0 {
      throw error(.inputOutput, object: path)
    }
  }

  /// Opens a dataset.
  ///
  /// - Throws: `FileError` of kind `wrongData` where there is no such dataset, or where its shape is
  ///   more than can be counted.
  public func dataset(_ path: String) throws -> HDF5Dataset {
    guard exists(path) else {
      throw FileError(.wrongData, file: name, object: Self.bare(path), "no such dataset")
    }
    return try member(path)
  }

  /// As `dataset`, for a path that is known to be one's.
  public func member(_ path: String) throws -> HDF5Dataset {
    HDF5Library.prepare()
    return try inLibrary { try HDF5Dataset(opening: path, in: self) }
  }

  /// As `dataset`, for one that the file must store as large as it says it is.
  public func storedDataset(_ path: String) throws -> HDF5Dataset {
    let dataset = try dataset(path)
    try dataset.checkStored()
    return dataset
  }

  /// Creates a dataset. Never written elements read as whatever the file holds there.
  ///
  /// - Parameters:
  ///   - shape: [] for a scalar.
  ///   - maxShape: how far each axis may grow, nil for without limit; the shape by default.
  ///   - chunk: needed where an axis can grow or `compress` is given.
  ///   - compress: deflate level 0–9 with byte shuffling, or nil for none.
  ///   - allocateNow: reserve the space for all elements now, without writing to it, so that the
  ///     file's bytes do not depend on the order in which elements are written.
  @discardableResult
  public func createDataset(
    _ path: String, type: ElementType, shape: [Int], maxShape: [Int?]? = nil,
    chunk: [Int]? = nil, compress: Int? = nil, allocateNow: Bool = false
  ) throws -> HDF5Dataset {
    HDF5Library.prepare()
    let id = try create(
      path, type.fileType, shape: shape, maxShape: maxShape, chunk: chunk, compress: compress,
      allocateNow: allocateNow)
    return HDF5Dataset(handle: id, path: path, file: self, shape: shape, type: type)
  }

  /// Creates a dataset whose elements are written as their bytes, in one piece whose space is reserved.
  public func createDataset(_ path: String, bytes type: ByteType, shape: [Int]) throws
    -> HDF5Dataset
  {
    HDF5Library.prepare()
    let fileType = type.makeFileType()
    defer { H5Tclose(fileType) }
    let id = try create(
      path, fileType, shape: shape, maxShape: nil, chunk: nil, compress: nil, allocateNow: true)
    H5Dclose(id)
    return try member(path)
  }

  private func create(
    _ path: String, _ type: hid_t, shape: [Int], maxShape: [Int?]?, chunk: [Int]?, compress: Int?,
    allocateNow: Bool
  ) throws -> hid_t {
    let space: hid_t
    if shape.isEmpty {
      space = H5Screate(H5S_SCALAR)
    } else {
      let limits = maxShape?.map { $0.map(hsize_t.init) ?? chdf5_unlimited() }
      space = unsafe H5Screate_simple(
        Int32(shape.count), shape.map(hsize_t.init), limits ?? shape.map(hsize_t.init))
    }
    defer { H5Sclose(space) }
    let creation = H5Pcreate(chdf5_dataset_create())
    defer { H5Pclose(creation) }
    _ = chdf5_no_times(creation)
    _ = H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER)
    if let chunk {
      _ = unsafe H5Pset_chunk(creation, Int32(chunk.count), chunk.map(hsize_t.init))
    }
    if let compress {
      _ = H5Pset_shuffle(creation)
      _ = H5Pset_deflate(creation, UInt32(compress))
    }
    if allocateNow { _ = H5Pset_alloc_time(creation, H5D_ALLOC_TIME_EARLY) }
    let id = unsafe H5Dcreate2(
      handle, path, type, space, hid_t(H5P_DEFAULT), creation, HDF5Dataset.plainAccess)
    if id < 0 { throw error(.inputOutput, object: path, "cannot create the dataset") }
    return id
  }
}

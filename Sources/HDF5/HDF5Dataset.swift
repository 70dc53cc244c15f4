import CHDF5
import Files

/// An open dataset. Owns the library's handle.
///
/// Reading delivers any number type as any other (the library converts; float16 and bfloat16 are
/// widened exactly). The chunk cache is off, so that whole rows move straight between file and
/// caller; a compressed dataset gets one of a few chunks.
public final class HDF5Dataset {
  public let file: HDF5File
  /// The path inside the file, without a leading slash.
  public let path: String
  /// The present extent; [] for a scalar.
  public private(set) var shape: [Int]
  /// How the elements are stored; nil for what is not a number.
  public let type: ElementType?
  let handle: hid_t
  /// Held as two opaque bytes or uint16, which reading must not convert as numbers.
  let isDisguised: Bool

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }

  init(handle: hid_t, path: String, file: HDF5File, shape: [Int], type: ElementType) {
    self.handle = handle
    self.path = HDF5File.bare(path)
    self.file = file
    self.shape = shape
    self.type = type
    self.isDisguised = false
  }

  init(opening path: String, in file: HDF5File) throws {
    HDF5Library.prepare()
    self.file = file
    self.path = HDF5File.bare(path)
    var id = try Self.open(path, in: file, cachedBytes: 0)
    let (chunk, filters) = Self.chunking(id)
    if let chunk, filters > 0 {
      let type = H5Dget_type(id)
      let size = max(1, H5Tget_size(type))
      H5Tclose(type)
      H5Dclose(id)
      id = try Self.open(path, in: file, cachedBytes: 4 * chunk.reduce(size, *))
    }
    handle = id
    shape = Self.extent(id)
    let stored = H5Dget_type(id)
    defer { H5Tclose(stored) }
    var type = ElementType(storedType: stored)
    var disguised = H5Tget_class(stored) == H5T_OPAQUE
    if type == .uint16 {
      for name in ["dtype", "type", "torch_dtype", "original_dtype"]
      where try file.stringAttribute(name, of: path)?.hasSuffix("bfloat16") == true {
        type = .bfloat16
        disguised = true
      }
    }
    self.type = type
    isDisguised = disguised
  }

  deinit { _ = file.inLibrary { H5Dclose(handle) } }

  /// The error for something wrong with this dataset.
  public func problem(_ problem: String, _ kind: FileError.Kind = .wrongData) -> FileError {
    FileError(kind, file: file.name, object: path, problem)
  }

  /// Grows or shrinks the axes that may change.
  public func extend(to shape: [Int]) throws {
    if unsafe H5Dset_extent(handle, shape.map(hsize_t.init)) < 0 {
      throw file.error(.inputOutput, object: path, "cannot extend to \(shape)")
    }
    self.shape = shape
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
    return (chunk.prefix(Int(max(0, rank))).map { Int($0) }, Int(H5Pget_nfilters(creation)))
  }

  private static func extent(_ id: hid_t) -> [Int] {
    let space = H5Dget_space(id)
    defer { H5Sclose(space) }
    let rank = Int(H5Sget_simple_extent_ndims(space))
    guard rank > 0 else { return [] }
    var shape = [hsize_t](repeating: 0, count: rank)
    _ = unsafe H5Sget_simple_extent_dims(space, &shape, nil)
    return shape.map { Int($0) }
  }
}

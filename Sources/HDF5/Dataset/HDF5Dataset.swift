import CHDF5
import Files

/// A dataset of an open file. Owns the library's handle, which may rest while it is not needed.
///
/// Reading delivers any number type as any other (the library converts; float16 and bfloat16 are
/// widened exactly). The chunk cache is off, so that whole rows move straight between file and
/// caller; a compressed dataset gets one of a few chunks.
public final class HDF5Dataset {
  public let file: HDF5File
  /// The path inside the file, without a leading slash.
  public let path: String
  /// The present extent; [] for a scalar. Its product fits an Int, also as bytes of Doubles.
  public private(set) var shape: [Int]
  public let content: StoredContent
  /// How the elements are stored; nil for what is not a number.
  public var type: ElementType? { content.type }
  /// Nil while it rests.
  private var opened: hid_t?
  private var knownStorage: Storage?
  /// Whether elements are read as their bytes, since the library would not convert them: bfloat16 in
  /// disguise, truth values.
  let isDisguised: Bool

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }

  init(handle: hid_t, path: String, file: HDF5File, shape: [Int], type: ElementType) {
    opened = handle
    self.path = HDF5File.bare(path)
    self.file = file
    self.shape = shape
    content = .numbers(type)
    isDisguised = false
  }

  init(opening path: String, in file: HDF5File) throws {
    HDF5Library.prepare()
    self.file = file
    self.path = HDF5File.bare(path)
    let (id, storage) = try Self.open(path, in: file)
    opened = id
    knownStorage = storage
    let space = H5Dget_space(id)
    defer { H5Sclose(space) }
    let stored = H5Dget_type(id)
    defer { H5Tclose(stored) }
    var content = StoredContent(
      storedType: stored, isNull: H5Sget_simple_extent_type(space) == H5S_NULL)
    var disguised = [H5T_OPAQUE, H5T_ENUM].contains(H5Tget_class(stored))
    if content == .numbers(.uint16) {
      for name in ["dtype", "type", "torch_dtype", "original_dtype"]
      where try file.stringAttribute(name, of: path)?.hasSuffix("bfloat16") == true {
        content = .numbers(.bfloat16)
        disguised = true
      }
    }
    self.content = content
    isDisguised = disguised
    shape = []
    let extents = Self.extents(space)
    shape = extents.map { Int(clamping: $0) }
    guard Extents.product(shape, times: 8) != nil else {
      throw problem("shape \(extents) is too large")
    }
  }

  deinit { rest() }

  /// Closes the library's handle, which costs tens of kilobytes; the next use opens it again.
  public func rest() {
    guard let id = opened else { return }
    opened = nil
    _ = file.inLibrary { H5Dclose(id) }
  }

  /// The library's handle, open.
  func handle() throws -> hid_t {
    if let opened { return opened }
    HDF5Library.prepare()
    let (id, storage) = try file.inLibrary { try Self.open(path, in: file) }
    opened = id
    knownStorage = storage
    return id
  }

  /// How it is laid out, which never changes.
  func storage() throws -> Storage {
    if let knownStorage { return knownStorage }
    let storage = Storage(of: try handle())
    knownStorage = storage
    return storage
  }

  /// What the library may keep of its chunks while it is open, in bytes: nothing without filters.
  public var cachedBytes: Int {
    guard let storage = knownStorage, storage.filters > 0, let chunk = storage.chunk else {
      return 0
    }
    let whole = shape.reduce(storage.size, *)
    return min(4 * chunk.reduce(storage.size, *), whole)
  }

  /// The error for something wrong with this dataset.
  public func problem(_ problem: String, _ kind: FileError.Kind = .wrongData) -> FileError {
    FileError(kind, file: file.name, object: path, problem)
  }

  /// Grows or shrinks the axes that may change.
  public func extend(to shape: [Int]) throws {
    if try unsafe H5Dset_extent(handle(), shape.map(hsize_t.init)) < 0 {
      throw file.error(.inputOutput, object: path, "cannot extend to \(shape)")
    }
    self.shape = shape
  }

  private static func extents(_ space: hid_t) -> [hsize_t] {
    let rank = Int(H5Sget_simple_extent_ndims(space))
    guard rank > 0 else { return [] }
    var extents = [hsize_t](repeating: 0, count: rank)
    _ = unsafe H5Sget_simple_extent_dims(space, &extents, nil)
    return extents
  }
}

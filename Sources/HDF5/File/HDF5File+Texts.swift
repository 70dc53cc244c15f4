import CHDF5
import Files

// Datasets of texts.
extension HDF5File {
  /// Creates a dataset [N] of texts: UTF-8 of one length for all, the longest's, with zeros behind.
  public func createTexts(_ path: String, _ values: [String]) throws {
    HDF5Library.prepare()
    let size = max(1, values.reduce(0) { max($0, $1.utf8.count) })
    let type = Self.textType(size: size)
    defer { H5Tclose(type) }
    let space = unsafe H5Screate_simple(1, [hsize_t(values.count)], nil)
    defer { H5Sclose(space) }
    let creation = H5Pcreate(chdf5_dataset_create())
    defer { H5Pclose(creation) }
    _ = chdf5_no_times(creation)
    let id = unsafe H5Dcreate2(
      handle, path, type, space, hid_t(H5P_DEFAULT), creation, hid_t(H5P_DEFAULT))
    if id < 0 { throw error(.inputOutput, object: path, "cannot create the dataset") }
    defer { H5Dclose(id) }
    guard !values.isEmpty else { return }
    var bytes = [UInt8](repeating: 0, count: size * values.count)
    for (i, value) in values.enumerated() {
      for (j, byte) in value.utf8.enumerated() { bytes[i * size + j] = byte }
    }
    let all = hid_t(H5S_ALL)
    if inLibrary({ unsafe H5Dwrite(id, type, all, all, hid_t(H5P_DEFAULT), bytes) }) < 0 {
      throw error(.inputOutput, object: path, "cannot write")
    }
  }

  /// The texts of a dataset [N] of texts of one length; nil for anything else.
  ///
  /// - Throws: `FileError` of kind `wrongData` where the file does not hold them.
  public func texts(_ path: String) throws -> [String]? {
    let dataset = try storedDataset(path)
    guard dataset.content == .text, dataset.shape.count == 1 else { return nil }
    let id = try dataset.handle()
    let type = H5Dget_type(id)
    defer { H5Tclose(type) }
    let size = H5Tget_size(type)
    guard H5Tis_variable_str(type) == 0, size > 0, dataset.count <= (1 << 30) / size else {
      return nil
    }
    guard dataset.count > 0 else { return [] }
    var bytes = [UInt8](repeating: 0, count: size * dataset.count)
    let all = hid_t(H5S_ALL)
    if inLibrary({ unsafe H5Dread(id, type, all, all, hid_t(H5P_DEFAULT), &bytes) }) < 0 {
      throw error(.wrongData, object: path, "cannot read")
    }
    return (0..<dataset.count).map { i in
      String(decoding: bytes[(i * size)..<((i + 1) * size)].prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  private static func textType(size: Int) -> hid_t {
    let type = H5Tcopy(chdf5_c_string())
    _ = H5Tset_size(type, size)
    _ = H5Tset_cset(type, H5T_CSET_UTF8)
    _ = H5Tset_strpad(type, H5T_STR_NULLPAD)
    return type
  }
}

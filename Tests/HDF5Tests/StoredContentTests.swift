import CHDF5
import Glibc
import TestSupport
import Testing

@testable import HDF5

/// Datasets of types, and links, that this suite does not write.
@Suite struct StoredContentTests {
  let folder = Folder()

  /// Creates a dataset of that type, never written.
  private func put(
    _ name: String, _ type: hid_t, in file: HDF5File, space: hid_t = H5Screate(H5S_SCALAR)
  ) {
    let none = hid_t(H5P_DEFAULT)
    let id = H5Dcreate2(file.handle, name, type, space, none, none, none)
    #expect(id >= 0)
    H5Dclose(id)
  }

  @Test func whatIsNoNumber() throws {
    let path = folder.file("a.h5")
    let file = try HDF5File.create(path)
    let float = chdf5_f32le()
    let complex = H5Tcreate(H5T_COMPOUND, 8)
    H5Tinsert(complex, "r", 0, float)
    H5Tinsert(complex, "i", 4, float)
    put("complex", complex, in: file)
    put("opaque", H5Tcreate(H5T_OPAQUE, 1), in: file)
    put("array", H5Tarray_create2(float, 1, [3]), in: file)
    put("list", H5Tvlen_create(float), in: file)
    let wide = H5Tcopy(chdf5_f64le())
    H5Tset_size(wide, 16)
    put("wide", wide, in: file)
    put("null", float, in: file, space: H5Screate(H5S_NULL))
    put("text", H5Tcopy(chdf5_c_string()), in: file)
    let colours = H5Tenum_create(chdf5_i32le())
    for (i, name) in ["red", "green"].enumerated() { H5Tenum_insert(colours, name, [Int32(i)]) }
    put("colours", colours, in: file)
    try file.close()
    let reader = try HDF5File.open(path)
    func content(_ name: String) throws -> StoredContent { try reader.dataset(name).content }
    for name in ["complex", "opaque", "array", "list", "wide", "null"] {
      guard case .unreadable(let words) = try content(name) else {
        Issue.record("\(name): \(try content(name))")
        continue
      }
      #expect(!words.isEmpty)
      #expect(try reader.dataset(name).type == nil)
    }
    #expect(try content("text") == .text)
    #expect(try content("colours") == .otherIntegers)
  }

  /// h5py's truth values: an enumeration of one byte.
  @Test func truthValues() throws {
    let path = folder.file("a.h5")
    let file = try HDF5File.create(path)
    let truth = H5Tenum_create(chdf5_i8le())
    H5Tenum_insert(truth, "FALSE", [0 as Int8])
    H5Tenum_insert(truth, "TRUE", [1 as Int8])
    let none = hid_t(H5P_DEFAULT)
    let id = H5Dcreate2(file.handle, "x", truth, H5Screate_simple(1, [4], nil), none, none, none)
    #expect(H5Dwrite(id, truth, hid_t(H5S_ALL), hid_t(H5S_ALL), none, [1, 0, 0, 1] as [Int8]) >= 0)
    H5Dclose(id)
    try file.close()
    let data = try HDF5File.open(path).dataset("x")
    #expect(data.type == .int8)
    #expect(try data.read(Float.self) == [1, 0, 0, 1])
    #expect(try data.read(Int32.self, start: [1], count: [3]) == [0, 0, 1])
  }

  @Test func linksThatLeadNowhere() throws {
    let none = hid_t(H5P_DEFAULT)
    func problem(_ put: (HDF5File) -> Void) throws -> String? {
      let path = folder.file("a.h5")
      let file = try HDF5File.create(path)
      put(file)
      try file.close()
      let reader = try HDF5File.open(path)
      return message { _ = try reader.children() }.map { String($0.dropFirst(path.count + 2)) }
    }
    #expect(
      try problem { H5Lcreate_soft("/nowhere", $0.handle, "q", none, none) }
        == "q: is a link to /nowhere, which is not there")
    #expect(
      try problem { H5Lcreate_external("missing.h5", "/b", $0.handle, "q", none, none) }
        == "q: is a link to /b in missing.h5, which cannot be opened")
    // A pipe that nobody writes to is not opened, which would wait for ever.
    #expect(mkfifo(folder.file("pipe.h5"), 0o600) == 0)
    #expect(
      try problem { H5Lcreate_external("pipe.h5", "/b", $0.handle, "q", none, none) }
        == "q: is a link to /b in pipe.h5, which cannot be opened")
    #expect(try problem { try? $0.createGroup("w") } == nil)
  }

  /// A filter that other programs bring along is named where it is missing.
  @Test func missingFilters() throws {
    let path = folder.file("a.h5")
    let file = try HDF5File.create(path)
    let number: H5Z_filter_t = 32_123
    var filter = H5Z_class2_t()
    filter.version = 1
    filter.id = number
    filter.encoder_present = 1
    filter.decoder_present = 1
    filter.filter = { _, _, _, size, _, _ in size }
    #expect(H5Zregister(&filter) >= 0)
    let none = hid_t(H5P_DEFAULT)
    let creation = H5Pcreate(chdf5_dataset_create())
    H5Pset_chunk(creation, 1, [4])
    H5Pset_filter(creation, number, UInt32(H5Z_FLAG_OPTIONAL), 0, nil)
    let space = H5Screate_simple(1, [4], nil)
    let id = H5Dcreate2(file.handle, "x", chdf5_f32le(), space, none, creation, none)
    H5Dwrite(
      id, chdf5_native_float(), hid_t(H5S_ALL), hid_t(H5S_ALL), none, [1, 2, 3, 4] as [Float])
    H5Dclose(id)
    try file.close()
    #expect(H5Zunregister(number) >= 0)
    let data = try HDF5File.open(path).dataset("x")
    #expect(
      message { _ = try data.read(Float.self) }?.contains("is packed by the filter 32123") == true)
  }

  @Test func namesThatAreNotText() throws {
    let path = folder.file("a.h5")
    let file = try HDF5File.create(path)
    let none = hid_t(H5P_DEFAULT)
    let bytes = [0xe9, 0x74, 0].map { CChar(bitPattern: $0) }
    H5Gclose(H5Gcreate2(file.handle, bytes, none, none, none))
    try file.close()
    let reader = try HDF5File.open(path)
    #expect(message { _ = try reader.children() }?.contains("not UTF-8") == true)
  }

  /// Two names of one object have one identity; a group that holds itself can be known by it.
  @Test func identities() throws {
    let path = folder.file("a.h5")
    let file = try HDF5File.create(path)
    let none = hid_t(H5P_DEFAULT)
    try file.createGroup("g")
    H5Lcreate_hard(file.handle, "/", file.handle, "g/up", none, none)
    H5Lcreate_hard(file.handle, "g", file.handle, "h", none, none)
    try file.close()
    let reader = try HDF5File.open(path)
    let top = try reader.children()
    #expect(top.map(\.name) == ["g", "h"] && top[0].identity == top[1].identity)
    #expect(try reader.children(of: "g").map(\.identity) == [reader.identity(ofGroup: "/")])
    #expect(try reader.identity(ofGroup: "/") != top[0].identity)
  }
}

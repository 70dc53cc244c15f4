import CHDF5
import TestSupport
import Testing

@testable import HDF5

/// Files whose structures are of a later version than those written here.
@Suite struct LaterFormatTests {
  let folder = Folder()

  private func make(_ path: String) throws {
    let access = H5Pcreate(chdf5_file_access())
    H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110)
    let none = hid_t(H5P_DEFAULT)
    let file = H5Fcreate(path, chdf5_truncate(), none, access)
    #expect(file >= 0)
    let id = H5Dcreate2(
      file, "w", chdf5_f32le(), H5Screate_simple(1, [2], nil), none, none, none)
    H5Dwrite(id, chdf5_native_float(), hid_t(H5S_ALL), hid_t(H5S_ALL), none, [1, 2] as [Float])
    H5Dclose(id)
    H5Fclose(file)
  }

  @Test func areRead() throws {
    let path = folder.file("late.h5")
    try make(path)
    #expect(try HDF5File.open(path).dataset("w").read(Float.self) == [1, 2])
    #expect(
      message { _ = try HDF5File.open(path, writable: true) }?.contains("later version") == true)
  }

  @Test func unknownVersions() throws {
    let path = folder.file("late.h5")
    try make(path)
    var bytes = folder.bytes("late.h5")
    bytes[8] = 9
    let changed = folder.write("later.h5", bytes)
    #expect(message { _ = try HDF5File.open(changed) }?.contains("too new") == true)
  }
}

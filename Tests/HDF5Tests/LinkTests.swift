import CHDF5
import Files
import TestSupport
import Testing

@testable import HDF5

@Suite struct LinkTests {
  let folder = Folder()

  /// A dataset that a link finds in another file has its bytes there: only the library can read it.
  @Test func externalLink() throws {
    for (name, values) in [("own", [1, 2, 3, 4]), ("other", [5, 6, 7, 8])] as [(String, [Float])] {
      let file = try HDF5File.create(folder.file(name + ".h5"))
      try file.createDataset("w", type: .float32, shape: [4], allocateNow: true).write(values)
      try file.close()
    }
    let file = try HDF5File.open(folder.file("own.h5"), writable: true)
    let status = H5Lcreate_external(
      folder.file("other.h5"), "w", file.handle, "linked", hid_t(H5P_DEFAULT), hid_t(H5P_DEFAULT))
    #expect(status >= 0)
    let own = try file.dataset("w")
    let linked = try file.dataset("linked")
    #expect(try linked.read(Float.self) == [5, 6, 7, 8])
    #expect(try own.rawRows([0], hasRows: false) != nil)
    #expect(try linked.rawRows([0], hasRows: false) == nil)
  }

  /// A file can be written to by one process at a time; its mark ends with the file.
  @Test func oneWriter() throws {
    let path = folder.file("growing.h5")
    try HDF5File.create(path).close()
    #expect(!WriterLock.isTaken(path))
    let file = try HDF5File.open(path, writable: true)
    try file.takeForWriting()
    try file.takeForWriting()
    #expect(WriterLock.isTaken(path))
    try file.close()
    #expect(!WriterLock.isTaken(path))
  }
}

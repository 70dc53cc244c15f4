import CHDF5
import Files
import TestSupport
import Testing

@testable import HDF5

/// Datasets that say they are larger than they are stored.
@Suite struct ClaimTests {
  let folder = Folder()

  /// A file with one dataset "x" of that shape, of which nothing is written.
  private func open(
    _ shape: [Int], chunk: [Int]? = nil, compress: Int? = nil,
    write: (HDF5Dataset) throws -> Void = { _ in }
  ) throws -> HDF5File {
    let path = folder.file("\(folder.listing.count).h5")
    let file = try HDF5File.create(path)
    try write(
      file.createDataset("x", type: .float32, shape: shape, chunk: chunk, compress: compress))
    try file.close()
    return try HDF5File.open(path)
  }

  @Test func tooManyToCount() throws {
    let file = try open([1 << 40, 1 << 40], chunk: [1, 1])
    #expect(message { _ = try file.dataset("x") }?.contains("is too large") == true)
  }

  @Test func neverWritten() throws {
    for file in [
      try open([1 << 20, 1 << 20]), try open([1 << 20, 1 << 20], chunk: [1, 1 << 18]),
      try open([1 << 20, 1 << 20], chunk: [1, 1 << 18], compress: 1),
    ] {
      #expect(
        message { _ = try file.storedDataset("x") }?.contains("does not hold them") == true)
    }
  }

  @Test func whatIsStored() throws {
    let zeros = [Float](repeating: 0, count: 1 << 19)
    // 2 MiB of zeros take a few hundred bytes.
    let packed = try open([1 << 19], chunk: [1 << 16], compress: 9) { try $0.write(zeros) }
    #expect(try packed.storedDataset("x").read(Float.self) == zeros)
    let plain = try open([1 << 19], chunk: [1 << 16]) { try $0.write(zeros) }
    #expect(try plain.storedDataset("x").count == 1 << 19)
    // What is small may be left out: it reads as zeros.
    #expect(try open([1000], chunk: [10]).storedDataset("x").count == 1000)
    // Rows that do not count need not be stored.
    let rows = try open([1 << 20, 1 << 10], chunk: [1, 1 << 10]) {
      try $0.write(
        Array(repeating: 0, count: 1 << 10) as [Float], start: [0, 0], count: [1, 1 << 10])
    }
    try rows.dataset("x").checkStored(rows: 1)
    #expect(message { try rows.dataset("x").checkStored() } != nil)
  }

  /// Part of a virtual dataset would be made up where its source is missing.
  @Test func missingSources() throws {
    let source = try HDF5File.create(folder.file("shard.h5"))
    try source.createDataset("b", type: .float32, shape: [3]).write([1, 2, 3] as [Float])
    try source.close()
    func whole(_ sources: [(file: String, name: String)]) throws -> HDF5File {
      let path = folder.file("\(folder.listing.count).h5")
      let none = hid_t(H5P_DEFAULT)
      let file = H5Fcreate(path, chdf5_truncate(), none, none)
      let creation = H5Pcreate(chdf5_dataset_create())
      let space = H5Screate_simple(2, [hsize_t(sources.count), 3], nil)
      for (i, part) in sources.enumerated() {
        H5Sselect_hyperslab(space, H5S_SELECT_SET, [hsize_t(i), 0], nil, [1, 3], nil)
        H5Pset_virtual(creation, space, part.file, part.name, H5Screate_simple(1, [3], nil))
      }
      H5Sselect_all(space)
      let id = H5Dcreate2(file, "w", chdf5_f32le(), space, none, creation, none)
      #expect(id >= 0)
      H5Dclose(id)
      H5Fclose(file)
      return try HDF5File.open(path)
    }
    let good = try whole([("shard.h5", "b"), ("shard.h5", "b")])
    #expect(try good.storedDataset("w").read(Float.self) == [1, 2, 3, 1, 2, 3])
    for (file, name) in [("missing.h5", "b"), ("shard.h5", "none")] {
      let bad = try whole([("shard.h5", "b"), (file, name)])
      #expect(message { _ = try bad.storedDataset("w") }?.contains("should be in \(file)") == true)
    }
  }

  /// Resting gives the library's handle back; the next use opens it again.
  @Test func resting() throws {
    let file = try open([4], chunk: [2]) { try $0.write([1, 2, 3, 4] as [Float]) }
    let data = try file.dataset("x")
    data.rest()
    #expect(H5Fget_obj_count(file.handle, UInt32(H5F_OBJ_DATASET)) == 0)
    #expect(try data.read(Float.self) == [1, 2, 3, 4])
    data.rest()
    #expect(try data.rawRows([0], hasRows: false) != nil)
  }
}

import Files
import Glibc
import HDF5
import TestSupport
import Testing

@Suite struct AtomicOutputTests {
  let folder = Folder()

  func fill(_ path: String, _ value: Float) throws {
    try fill(HDF5File.create(path), value)
  }

  func fill(_ file: HDF5File, _ value: Float) throws {
    try file.createDataset("x", type: .float32, shape: [1]).write([value])
    try file.close()
  }

  @Test func appearsWhenCommitted() throws {
    let output = try AtomicOutput(folder.file("a.h5"))
    try fill(output.createFile(), 1)
    #expect(folder.listing.filter { $0 == "a.h5" }.isEmpty)
    try output.commit()
    #expect(folder.listing == ["a.h5"])
    #expect(try HDF5File.open(folder.file("a.h5")).dataset("x").read(Float.self) == [1])
  }

  @Test func leavesNothingWhenGivenUp() throws {
    try fill(folder.file("a.h5"), 1)
    do {
      let output = try AtomicOutput(folder.file("a.h5"))
      try fill(output.createFile(), 2)
    }
    #expect(folder.listing == ["a.h5"])
    #expect(try HDF5File.open(folder.file("a.h5")).dataset("x").read(Float.self) == [1])
    let second = try AtomicOutput(folder.file("a.h5"))
    try fill(second.createFile(), 3)
    try second.commit()
    #expect(folder.listing == ["a.h5"])
    #expect(try HDF5File.open(folder.file("a.h5")).dataset("x").read(Float.self) == [3])
  }

  @Test func aLinkStaysALink() throws {
    try fill(folder.file("real.h5"), 1)
    symlink("real.h5", folder.file("link.h5"))
    let output = try AtomicOutput(folder.file("link.h5"))
    try fill(output.createFile(), 2)
    try output.commit()
    #expect(try HDF5File.open(folder.file("real.h5")).dataset("x").read(Float.self) == [2])
    var status = stat()
    #expect(lstat(folder.file("link.h5"), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
  }

  @Test func whatCannotBeCreated() throws {
    #expect(throws: FileError(.cannotCreate, file: folder.path, "is a directory")) {
      _ = try AtomicOutput(folder.path)
    }
    let path = folder.file("no/such/a.h5")
    #expect(throws: FileError(.cannotCreate, file: path, "no such file or directory")) {
      _ = try AtomicOutput(path)
    }
  }

  @Test func aFullDevice() throws {
    let output = try AtomicOutput("/dev/full")
    try fill(output.createFile(), 1)
    #expect(throws: FileError(.inputOutput, file: "/dev/full", "No space left on device")) {
      try output.commit()
    }
  }

  @Test func pipesAreSpooled() throws {
    try fill(folder.file("a.h5"), 5)
    let pipe = folder.file("pipe")
    mkfifo(pipe, 0o600)
    _ = system("cat '\(folder.file("a.h5"))' > '\(pipe)' &")
    let file = try HDF5File.open(operand: pipe)
    #expect(file.name == pipe)
    #expect(try file.dataset("x").read(Float.self) == [5])
  }
}

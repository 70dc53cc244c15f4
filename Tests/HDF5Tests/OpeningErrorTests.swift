import Files
import Glibc
import HDF5
import TestSupport
import Testing

@Suite struct OpeningErrorTests {
  let folder = Folder()

  func message(_ path: String) -> FileError? {
    do {
      _ = try HDF5File.open(operand: path)
      return nil
    } catch { return error as? FileError }
  }

  @Test func eachProblemHasItsLine() throws {
    let missing = folder.file("missing.h5")
    #expect(message(missing) == FileError(.missingInput, file: missing, "no such file"))
    #expect(
      message(folder.path)
        == FileError(.wrongData, file: folder.path, "is a directory, not an HDF5 file"))
    let empty = folder.write("empty.h5", [])
    #expect(
      message(empty) == FileError(.wrongData, file: empty, "is empty, not an HDF5 file"))
    let text = folder.write("text.h5", Array("Hello, world\n".utf8))
    #expect(
      message(text)
        == FileError(.wrongData, file: text, "not an HDF5 file (it looks like text)"))
    let zip = folder.write("model.pt", [0x50, 0x4b, 3, 4, 0, 0, 0, 0, 0, 0])
    #expect(message(zip)?.problem.contains("zip archive") == true)
  }

  @Test func truncated() throws {
    let path = folder.file("whole.h5")
    let file = try HDF5File.create(path)
    let data = try file.createDataset("x", type: .float64, shape: [1000])
    try data.write([Double](repeating: 1, count: 1000))
    try file.close()
    let bytes = folder.bytes("whole.h5")
    for length in [bytes.count - 1, bytes.count / 2, 100] {
      let cut = folder.write("cut.h5", Array(bytes.prefix(length)))
      let error = try #require(message(cut))
      #expect(error.kind == .wrongData)
      #expect(error.problem.hasPrefix("truncated HDF5 file"), "\(error)")
    }
    let stub = folder.write("stub.h5", Array(bytes.prefix(20)))
    #expect(message(stub)?.kind == .wrongData)
  }

  @Test func aMissingDatasetIsNamed() throws {
    let path = folder.file("a.h5")
    try HDF5File.create(path).close()
    let file = try HDF5File.open(path)
    do {
      _ = try file.dataset("weights/x")
      Issue.record("opened what is not there")
    } catch {
      #expect("\(error)" == "\(path): weights/x: no such dataset")
    }
  }
}

import Files
import Glibc
import HDF5
import TestSupport
import Testing

@testable import CalibrationTables

/// One table in three formats, read alike.
@Suite struct RowSourceTests {
  let folder = Folder()
  static let rows: [[Double]] = [[0.75, 0.25], [0.5, 0.5], [0.125, 0.875]]

  private func all(_ source: any RowSource) throws -> [Double] {
    #expect(source.shape == [3, 2])
    var floats = [Float](repeating: 0, count: 6)
    var span = floats.mutableSpan
    try source.read(rows: 0..<3, into: &span)
    let doubles = try source.rows(0..<3)
    #expect(floats.map { Double($0) } == doubles)
    // Backwards, which text must be gone through again for.
    #expect(try source.rows(2..<3) == Array(doubles[4..<6]))
    #expect(try source.rows(0..<1) == Array(doubles[0..<2]))
    return doubles
  }

  @Test func threeFormats() throws {
    let text = Self.rows.map { "\($0[0]),\($0[1])\n" }.joined()
    let flat = Self.rows.flatMap { $0 }
    let hdf5 = try HDF5File.create(folder.file("p.h5"))
    try hdf5.createDataset("p", type: .float64, shape: [3, 2]).write(flat)
    try hdf5.close()
    let head = NpyHeader.bytes(descriptor: "<f8", shape: [3, 2])
    folder.write("p.npy", head + flat.withUnsafeBytes { Array($0) })
    folder.write("p.csv", Array(("cat,\"dog, old\"\n" + text).utf8))
    folder.write("p.tsv", Array(text.replacing(",", with: "\t").replacing("\n", with: "\r\n").utf8))
    for name in ["p.h5:/p", "p.npy", "p.csv", "p.tsv", "p.csv:0-1"] {
      #expect(try all(openRows(folder.file(name), header: .guess)) == flat, "\(name)")
    }
    let named = try openRows(folder.file("p.csv:dog, old"), header: .guess)
    #expect(try named.shape == [3] && named.rows(0..<3) == [0.25, 0.5, 0.875])
  }

  /// A first column of words is no header.
  @Test func wordsBesideNumbers() throws {
    folder.write("p.csv", Array("img1,0.1,0.9\nimg2,0.6,0.4\n".utf8))
    let source = try openRows(folder.file("p.csv:1-2"), header: .guess)
    #expect(try source.shape == [2, 2] && source.rows(0..<2) == [0.1, 0.9, 0.6, 0.4])
    #expect(source.note == nil)
    let words = try openRows(folder.file("p.csv"), header: .guess)
    #expect(
      throws: FileError(
        .wrongData, file: folder.file("p.csv"), "line 1: column 0: 'img1' is not a number")
    ) { try words.rows(0..<1) }
  }

  @Test func anEmptyFieldIsNamed() throws {
    folder.write("p.csv", Array(",0.5,0.5\n0.2,0.5,0.3\n".utf8))
    let source = try openRows(folder.file("p.csv"), header: .guess)
    #expect(
      throws: FileError(
        .wrongData, file: folder.file("p.csv"), "line 1: column 0: '' is not a number")
    ) { try source.rows(0..<2) }
  }

  @Test func headersOfNumbers() throws {
    folder.write("p.csv", Array("0,1\n0.75,0.25\n0.5,0.5\n".utf8))
    folder.write("y.csv", Array("0\n1\n0\n".utf8))
    let (p, y) = (folder.file("p.csv"), folder.file("y.csv"))
    let source = try Predictions.open(p + "," + y).probabilities(for: "a test")
    #expect(source.rowCount == 2)
    #expect(try source.classes(0..<2) == [1, 0])
    #expect(
      try Predictions.open(p + "," + y).notes
        == [p, y].map {
          "\($0): line 1 is taken for the columns' names; --no-header takes it for data"
        })
    // Where it is said, nothing is guessed; then the classes are as many as they are.
    folder.write("y.csv", Array("0\n1\n0\n".utf8))
    let said = try Predictions.open(p + "," + y, .init(header: .absent))
    #expect(try said.probabilities(for: "a test").rowCount == 3 && said.notes.isEmpty)
    // Classes that begin with 0 are data beside as many rows.
    folder.write("y.csv", Array("0\n1\n".utf8))
    let bare = try Predictions.open(p + "," + y).probabilities(for: "a test")
    #expect(try bare.classes(0..<2) == [0, 1])
  }

  @Test func anExistingFileWithAComma() throws {
    mkdir(folder.file("lr=0.1,seed=3"), 0o700)
    let path = folder.file("lr=0.1,seed=3/p.h5")
    let file = try HDF5File.create(path)
    try file.createDataset("probabilities", type: .float32, shape: [2, 2]).write(
      [0.5, 0.5, 1, 0] as [Float])
    try file.createDataset("targets", type: .int32, shape: [2]).write([0, 1] as [Int32])
    try file.close()
    #expect(try Predictions.open(path).probabilities(for: "a test").rowCount == 2)
  }
}

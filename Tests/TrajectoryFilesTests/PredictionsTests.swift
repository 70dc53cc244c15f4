import Files
import HDF5
import TestSupport
import Testing

@testable import TrajectoryFiles

@Suite struct PredictionsTests {
  let folder = Folder()

  @Test func classification() throws {
    let path = folder.file("p.h5")
    let writer = try PredictionsWriter(
      to: OutputTarget(path), kind: .classification(classes: 2), count: 3, snapshots: 4,
      members: 2, classNames: ["cat", "dog"], history: ["x"])
    try writer.write(.probabilities, rows: 1..<3, [0.5, 0.5, 0.25, 0.75])
    try writer.write(.probabilities, rows: 0..<1, [1, 0])
    for member in 0..<2 {
      try writer.write(
        .probabilities, member: member, rows: 0..<3, [Float](repeating: Float(member), count: 6))
    }
    try writer.writeTargets(classes: [0, 1, 1])
    try writer.finish()
    let reader = try PredictionsReader(path)
    #expect(reader.kind == .classification(classes: 2) && reader.count == 3)
    #expect(reader.snapshotCount == 4 && reader.memberCount == 2)
    #expect(reader.classNames == ["cat", "dog"] && reader.history == ["x"])
    #expect(try reader.read(.probabilities, rows: 0..<3) == [1, 0, 0.5, 0.5, 0.25, 0.75])
    #expect(try reader.read(.probabilities, member: 1, rows: 2..<3) == [1, 1])
    #expect(try reader.classes() == [0, 1, 1])
  }

  @Test func regression() throws {
    let path = folder.file("p.h5")
    let writer = try PredictionsWriter(
      to: OutputTarget(path), kind: .regression(outputs: 1), count: 2, snapshots: 1)
    for (i, table) in PredictionTable.tables(of: writer.kind).enumerated() {
      try writer.write(table, rows: 0..<2, [Float(i), 9])
    }
    try writer.writeTargets(values: [3, 4])
    try writer.finish()
    let reader = try PredictionsReader(path)
    #expect(reader.kind == .regression(outputs: 1) && reader.memberCount == 0)
    #expect(try reader.read(.epistemicVariance, rows: 0..<1) == [3])
    #expect(try reader.values() == [3, 4])
  }

  @Test func labelsOutOfRange() throws {
    let path = folder.file("p.h5")
    let writer = try PredictionsWriter(
      to: OutputTarget(path), kind: .classification(classes: 2), count: 2, snapshots: 1)
    try writer.writeTargets(classes: [0, 2])
    try writer.finish()
    let reader = try PredictionsReader(path)
    let error = FileError(
      .wrongData, file: path, object: "targets", "class 2 in row 1, but there are 2 classes")
    #expect(throws: error) { _ = try reader.classes() }
  }
}

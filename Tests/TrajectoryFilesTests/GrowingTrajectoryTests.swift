import Files
import Glibc
import TestSupport
import Testing
import WeightSpace

@testable import TrajectoryFiles

@Suite struct GrowingTrajectoryTests {
  let folder = Folder()

  func create(_ name: String) throws -> GrowingTrajectory {
    try GrowingTrajectory.create(
      OutputTarget(folder.file(name)), parts, history: ["run"], settings: "lr 0.1")
  }

  let parts = GrowingTrajectory.Parts(
    layout: awkward, bufferLayout: statistics, columns: ["epoch"],
    stateVectors: [("weights", awkward.count), ("momentum", awkward.count)],
    stateScalars: ["step"])

  func resume(_ path: String) throws -> GrowingTrajectory? {
    try GrowingTrajectory.resume(PartFile(of: path), parts) { settings, _ in
      #expect(settings == "lr 0.1")
    }
  }

  func add(_ t: Int, to run: GrowingTrajectory) throws {
    try run.append(
      snapshot(t, count: awkward.count), buffers: snapshot(t, count: statistics.count),
      columns: [Double(t)])
  }

  func save(_ t: Int, to run: GrowingTrajectory) throws {
    try run.writeState("weights", snapshot(t, count: awkward.count))
    try run.writeState("momentum", snapshot(t + 50, count: awkward.count))
    try run.commitState(scalars: ["step": Double(t)])
  }

  /// What a reader of the part's present bytes sees, as after `kill -9`.
  func copy(_ name: String) -> String {
    _ = system("cp '\(folder.file(name)).part' '\(folder.file("copy-" + name))'")
    return folder.file("copy-" + name)
  }

  func expectSnapshots(_ count: Int, in path: String) throws {
    let reader = try TrajectoryReader(path)
    let found = reader.snapshotCount
    #expect(found == count)
  }

  @Test func everyAppendIsReadable() throws {
    let run = try create("run.h5")
    #expect(folder.listing == ["run.h5.part"])
    do {
      _ = try TrajectoryReader(copy("run.h5"))
      Issue.record("read a snapshot of none")
    } catch { #expect("\(error)".hasSuffix("has no snapshot yet")) }
    var weights = WeightVector(count: awkward.count)
    for t in 0..<5 {
      try add(t, to: run)
      let reader = try TrajectoryReader(copy("run.h5"))
      #expect(reader.snapshotCount == t + 1)
      try reader.readWeights(t, into: &weights)
      #expect(weights[1234] == value(t, 1234))
    }
    #expect(system("h5dump -H '\(folder.file("run.h5.part"))' > /dev/null") == 0)
    try run.finish()
    #expect(!folder.listing.contains("run.h5.part"))
    #expect(try TrajectoryReader(folder.file("run.h5")).columns[0].values == [0, 1, 2, 3, 4])
  }

  @Test func resumeGoesBackToTheState() throws {
    do {
      let run = try create("run.h5")
      try add(0, to: run)
      try save(0, to: run)
      try add(1, to: run)
      try save(1, to: run)
      try add(2, to: run)
      // A state half written does not count.
      try run.writeState("weights", snapshot(9, count: awkward.count))
    }
    let path = copy("run.h5")
    try expectSnapshots(3, in: path)
    let run = try #require(try resume(path))
    #expect(run.count == 2)
    #expect(run.layout == awkward && run.bufferLayout == statistics)
    #expect(try run.stateScalars() == ["step": 1])
    var vector = WeightVector(count: awkward.count)
    try run.readState("momentum", into: &vector)
    #expect(vector[77] == value(51, 77))
    try run.readState("weights", into: &vector)
    #expect(vector[77] == value(1, 77))
    #expect(throws: FileError.self) { try run.readState("other", into: &vector) }
    try add(7, to: run)
    try save(7, to: run)
    try run.finish()
    let reader = try TrajectoryReader(path)
    #expect(reader.columns[0].values == [0, 1, 7])
    try reader.readWeights(2, into: &vector)
    #expect(vector.elements == snapshot(7, count: awkward.count).elements)
    // This process has the file open for reading, so that a copy is resumed.
    #expect(system("cp '\(path)' '\(folder.file("again.h5"))'") == 0)
    #expect(try resume(folder.file("again.h5"))?.stateScalars() == ["step": 7])
  }

  @Test func resumeWithoutState() throws {
    let run = try create("run.h5")
    try add(0, to: run)
    try run.finish()
    #expect(try resume(folder.file("run.h5")) == nil)
    let writer = try TrajectoryWriter(to: OutputTarget(folder.file("b.h5")), layout: awkward)
    try writer.append(snapshot(0, count: awkward.count))
    try writer.finish()
    #expect(throws: FileError.self) {
      _ = try resume(folder.file("b.h5"))
    }
  }

  @Test func sameBytes() throws {
    for name in ["a.h5", "b.h5"] {
      let run = try create(name)
      for t in 0..<3 {
        try add(t, to: run)
        try save(t, to: run)
      }
      try run.finish()
    }
    #expect(folder.bytes("a.h5") == folder.bytes("b.h5"))
  }

  @Test func manySnapshotsOfSmallTensors() throws {
    let small = VectorLayout([("w", [3, 3], .weight), ("b", [3], .bias)])
    let run = try GrowingTrajectory.create(
      OutputTarget(folder.file("run.h5")), .init(layout: small, columns: ["t"]))
    let none = WeightVector(count: 0)
    for t in 0..<6000 {
      try run.append(snapshot(t, count: 12), buffers: none, columns: [Double(t)])
    }
    try run.finish()
    let reader = try TrajectoryReader(folder.file("run.h5"))
    #expect(reader.snapshotCount == 6000)
    var vector = WeightVector(count: 12)
    for t in [0, 1819, 1820, 5999] {
      try reader.readWeights(t, into: &vector)
      #expect(vector.elements == snapshot(t, count: 12).elements)
    }
  }
}

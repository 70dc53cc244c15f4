import Files
import Glibc
import HDF5
import TestSupport
import Testing
import WeightSpace

@testable import TrajectoryFiles

@Suite struct GrowingAffineTrajectoryTests {
  let folder = Folder()

  /// A subspace of two components; row 2 of the numbers is the shift.
  func subspace() throws -> TensorFileReader {
    let path = folder.file("space.h5")
    let writer = try TensorFileWriter(
      to: OutputTarget(path), kind: "subspace", layout: awkward,
      groups: [("shift", nil), ("components", 2)])
    try writer.write(snapshot(2, count: awkward.count), to: "shift")
    for row in 0..<2 {
      try writer.write(snapshot(row, count: awkward.count), to: "components", row: row)
    }
    try writer.finish()
    return try TensorFileReader(
      path, kind: "subspace", groups: [("shift", false), ("components", true)])
  }

  func create(_ name: String, grows: Bool = true) throws -> GrowingAffineTrajectory {
    try GrowingAffineTrajectory.create(
      OutputTarget(folder.file(name)), parts, copying: subspace(), architecture: nil,
      history: ["run"], expected: 100, grows: grows, settings: "seed 1")
  }

  let parts = GrowingAffineTrajectory.Parts(
    columns: ["draw"], diagnostics: [("r_hat", [2])], stateVectors: [("chain", 3)],
    stateScalars: ["done"])

  func resume(_ path: String) throws -> GrowingAffineTrajectory? {
    try GrowingAffineTrajectory.resume(PartFile(of: path), parts, in: subspace()) { settings, _ in
      #expect(settings == "seed 1")
    }
  }

  func add(_ t: Int, to run: GrowingAffineTrajectory) throws {
    try run.append([Double(t), -0.5], columns: [Double(t)])
  }

  func save(_ t: Int, to run: GrowingAffineTrajectory) throws {
    try run.commitState(["chain": [Double(t), 7, -1]], scalars: ["done": Double(t)])
  }

  /// What a reader of the part's present bytes sees, as after `kill -9`.
  func copy(_ name: String) -> String {
    _ = system("cp '\(folder.file(name)).part' '\(folder.file("copy-" + name))'")
    return folder.file("copy-" + name)
  }

  @Test func everyAppendIsReadable() throws {
    let run = try create("run.h5")
    #expect(folder.listing == ["run.h5.part", "space.h5"])
    var weights = WeightVector(count: awkward.count)
    for t in 0..<5 {
      try add(t, to: run)
      let reader = try TrajectoryReader(copy("run.h5"))
      #expect(reader.snapshotCount == t + 1)
      try reader.readWeights(t, into: &weights)
      let sum =
        Double(value(2, 1234)) + Double(t) * Double(value(0, 1234)) - 0.5 * Double(value(1, 1234))
      #expect(weights[1234] == Float(sum))
    }
    #expect(try run.allCoordinates() == [0, -0.5, 1, -0.5, 2, -0.5, 3, -0.5, 4, -0.5])
    #expect(try run.numbers(ofColumn: 0) == [0, 1, 2, 3, 4])
    try run.setDiagnostic("r_hat", [1, 2], shape: [2])
    try run.setDiagnostic("r_hat", [3, 4], shape: [2])
    try run.finish()
    let file = try HDF5File.open(folder.file("run.h5"))
    #expect(try file.dataset("diagnostics/r_hat").read(Double.self) == [3, 4])
  }

  @Test func resumeGoesBackToTheState() throws {
    do {
      let run = try create("run.h5")
      for t in 0..<2 {
        try add(t, to: run)
        try save(t, to: run)
      }
      // Saved, but after the state.
      try add(2, to: run)
    }
    let path = copy("run.h5")
    #expect(try TrajectoryReader(path).snapshotCount == 3)
    // This process has that file open, so that another copy is resumed.
    #expect(system("cp '\(path)' '\(folder.file("again.h5"))'") == 0)
    let run = try #require(try resume(folder.file("again.h5")))
    #expect(run.count == 2 && run.rank == 2)
    #expect(try run.stateScalars() == ["done": 1])
    #expect(try run.readState("chain", count: 3) == [1, 7, -1])
    #expect(throws: FileError.self) { try run.readState("chain", count: 2) }
    #expect(throws: FileError.self) { try run.readState("other", count: 3) }
    try add(9, to: run)
    try save(9, to: run)
    try run.finish()
    let reader = try TrajectoryReader(folder.file("again.h5"))
    #expect(reader.columns[0].values == [0, 1, 9])
  }

  @Test func filesThatDoNotGrow() throws {
    let run = try create("whole.h5", grows: false)
    try add(0, to: run)
    try save(0, to: run)
    #expect(folder.listing.filter { !$0.hasPrefix(".") } == ["space.h5"])
    try run.finish()
    #expect(try TrajectoryReader(folder.file("whole.h5")).snapshotCount == 1)
    let error = #expect(throws: FileError.self) {
      _ = try resume(folder.file("whole.h5"))
    }
    #expect(error?.problem.contains("keeps no state") == true)
  }

  /// Coordinates without their component are no snapshot.
  @Test func columnsAndComponents() throws {
    let run = try create("run.h5")
    try add(0, to: run)
    try run.finish()
    let file = try HDF5File.open(folder.file("run.h5"), writable: true)
    for slot in awkward.slots {
      try file.dataset("components/\(slot.name)").extend(to: [3] + slot.shape)
    }
    try file.close()
    let error = #expect(throws: FileError.self) { _ = try TrajectoryReader(folder.file("run.h5")) }
    #expect(error?.problem == "has 2 columns for 3 components")
  }
}

import Foundation
import HDF5
import Testing

@Suite struct WeightsCheckTests {
  let place = Workplace()
  static let tensors: [(name: String, shape: [Int])] = [("a.weight", [2, 3]), ("a.bias", [2])]

  func makeRun(_ name: String = "run.h5", committed: Int? = nil) throws {
    try place.trajectory(name, snapshots: 3, tensors: Self.tensors, committed: committed) {
      Float($0 * 10 + $1) / 4
    }
  }

  /// Changes a file by the file library alone.
  func edit(_ name: String, _ change: (HDF5File) throws -> Void) throws {
    let file = try HDF5File.open(place.file(name), writable: true)
    try change(file)
    try file.close()
  }

  /// The lines that a check prints of what is wrong.
  func problems(_ command: String) -> [String] {
    let run = place.run(command)
    #expect(run.status == 65, "\(run)")
    return run.errors.split(separator: "\n").map { String($0.dropFirst("weights-check: ".count)) }
  }

  /// Every file that the tools write is whole, in either depth, and has the kind it was made as.
  @Test func filesOfTheSuite() throws {
    place.makeDigits()
    for command in [
      "nn-train train.h5 --model small.json --epochs 3 -b 40 --seed 1 -q -o run.h5",
      "swa-avg run.h5 -o mean.h5", "swag-fit run.h5 -o swag.h5",
      "swag-sample swag.h5 --samples 2 -o samples.h5",
      "subspace-pca run.h5 --rank 2 -q -o space.h5",
      "plane-sample 'run.h5[0]' 'run.h5[1]' 'run.h5[2]' --grid 3 -q -o plane.h5",
      "bn-update mean.h5 --data train.h5 -q -o fresh.h5",
      "nn-predict run.h5 --data train.h5 --members -q -o p.h5",
      "nn-convert mean.h5 -o mean.safetensors", "nn-convert mean.h5 -o mean.npz",
    ] { place.succeeds(command) }
    let files = FileManager.default.enumerator(atPath: place.path)?.compactMap { $0 as? String }
    for file in (files ?? []).sorted() where !file.hasSuffix(".json") {
      for depth in ["", "--quick"] {
        let row = place.succeeds("weights-check \(depth) \(file)").output.split(separator: "\n")
        #expect(row.count == 2 && row[1].hasSuffix("\t0"), "\(file): \(row)")
      }
    }
    let kinds = place.succeeds("weights-check --quick run.h5 swag.h5 space.h5 train.h5 p.h5").output
      .split(separator: "\n").dropFirst().map { $0.split(separator: "\t")[1] }
    #expect(kinds == ["trajectory", "gaussian", "subspace", "dataset", "predictions"])
  }

  @Test func rangesOfTensors() throws {
    try makeRun()
    let table = place.succeeds("weights-check --list run.h5").output
    #expect(
      table.contains("run.h5\tweights/a.weight\tfloat32\t[3, 2, 3]\t0\t6.25\t0\n"), "\(table)")
    #expect(table.contains("run.h5\tweights/a.bias\tfloat32\t[3, 2]\t1.5\t6.75\t0\n"), "\(table)")
    let quick = place.succeeds("weights-check --list --quick run.h5").output
    #expect(quick.contains("run.h5\tweights/a.bias\tfloat32\t[3, 2]\t\t\t\n"), "\(quick)")
  }

  @Test func asJSON() throws {
    try makeRun(committed: 2)
    try edit("run.h5") {
      try $0.dataset("weights/a.bias").write([Float.nan], start: [1, 1], count: [1, 1])
    }
    let run = place.run("weights-check --json run.h5")
    #expect(run.status == 65, "\(run)")
    let json = try #require(
      JSONSerialization.jsonObject(with: run.outputBytes) as? [[String: Any]])
    #expect(json.count == 1 && json[0]["kind"] as? String == "trajectory")
    #expect(json[0]["snapshots"] as? Int == 2 && json[0]["rows"] as? Int == 3)
    let problems = try #require(json[0]["problems"] as? [[String: String]])
    #expect(problems == [["object": "weights/a.bias", "problem": "NaN in element [1, 1]"]])
  }

  /// A snapshot that is not committed may hold anything.
  @Test func whatIsNotCommitted() throws {
    try makeRun(committed: 2)
    try edit("run.h5") {
      try $0.dataset("weights/a.bias").write([Float.nan], start: [2, 0], count: [1, 1])
    }
    let table = place.succeeds("weights-check run.h5").output
    #expect(table.hasSuffix("run.h5\ttrajectory\t2\t3\t3\t25\t0\n"), "\(table)")
  }

  @Test func moreCommittedThanThere() throws {
    try makeRun(committed: 4)
    #expect(
      problems("weights-check --quick run.h5") == [
        "run.h5: weights/a.weight: has 3 snapshots, but 4 are committed",
        "run.h5: weights/a.bias: has 3 snapshots, but 4 are committed",
      ])
  }

  @Test func differingSnapshots() throws {
    try makeRun()
    try edit("run.h5") {
      try $0.createDataset("weights/b", type: .float32, shape: [2]).write(
        [Float](repeating: 1, count: 2))
    }
    place.fails(
      "weights-check --quick run.h5", 65,
      "run.h5: weights/b: T is 2 here, but 3 in weights/a.weight")
  }

  @Test func wrongTypes() throws {
    try makeRun()
    try edit("run.h5") {
      try $0.createDataset("weights/b", type: .int32, shape: [3]).write(
        [Int32](repeating: 1, count: 3))
      try $0.setAttribute("architecture", "{\"name\": ")
    }
    let found = problems("weights-check run.h5")
    #expect(found.count == 2 && found[0].hasPrefix("run.h5: architecture: "), "\(found)")
    #expect(found.last == "run.h5: weights/b: holds int32 instead of floating-point numbers")
  }

  @Test func missingParts() throws {
    let file = try HDF5File.create(place.file("g.h5"))
    try file.setAttribute("format", "weightspace")
    try file.setAttribute("kind", "gaussian")
    try file.createGroup("mean")
    try file.createDataset("mean/a", type: .float32, shape: [2]).write([Float(1), 2])
    try file.createGroup("variance")
    try file.createDataset("variance/a", type: .float32, shape: [2]).write([Float(1), -2])
    try file.createGroup("deviations")
    try file.createDataset("deviations/b", type: .float32, shape: [1, 2]).write([Float(1), 2])
    try file.close()
    #expect(
      problems("weights-check g.h5") == [
        "g.h5: variance/a: holds -2, which is negative",
        "g.h5: deviations/a: missing, but mean has it", "g.h5: deviations/b: is not in mean",
      ])
  }

  @Test func probabilitiesOfARow() throws {
    let file = try HDF5File.create(place.file("p.h5"))
    try file.setAttribute("format", "weightspace")
    try file.setAttribute("kind", "predictions")
    try file.createDataset("probabilities", type: .float32, shape: [2, 2])
      .write([Float(0.5), 0.5, 0.25, 0.5])
    try file.createDataset("targets", type: .int32, shape: [2]).write([Int32(-1), 2])
    try file.close()
    #expect(
      problems("weights-check p.h5") == [
        "p.h5: probabilities: row 1 adds up to 0.75 instead of 1"
      ])
  }

  /// A truncated file, a missing one and a whole one: each is told apart, and all are looked at.
  @Test func severalFiles() throws {
    try makeRun()
    let bytes = place.bytes("run.h5")
    try bytes.prefix(bytes.count - 40).write(to: URL(fileURLWithPath: place.file("cut.h5")))
    let run = place.run("weights-check cut.h5 nowhere.h5 run.h5")
    #expect(run.status == 65, "\(run)")
    #expect(run.errors.contains("weights-check: nowhere.h5: no such file"), "\(run)")
    #expect(run.errors.contains("weights-check: cut.h5: truncated"), "\(run)")
    #expect(run.output.contains("run.h5\ttrajectory\t3\t3\t2\t24\t0\n"), "\(run)")
    #expect(place.run("weights-check nowhere.h5").status == 66)
  }

  /// Checksums are those that other programs make of the numbers, and tell a changed number.
  @Test func checksums() throws {
    try makeRun()
    place.succeeds("swa-avg run.h5 --checksum -o mean.h5 && weights-check -q mean.h5")
    let sum = place.succeeds(
      "h5dump -d weights/a.weight -b LE -o raw mean.h5 >/dev/null && sha256sum < raw"
    ).output.prefix { $0 != " " }
    let file = try HDF5File.open(place.file("mean.h5"))
    #expect(try file.stringAttribute("sha256", of: "weights/a.weight") == String(sum))
    try file.close()
    try edit("mean.h5") {
      try $0.dataset("weights/a.weight").write([Float(9)], start: [0, 1, 2], count: [1, 1, 1])
    }
    place.succeeds("weights-check -q --quick mean.h5")
    place.fails(
      "weights-check -q mean.h5", 65,
      "mean.h5: weights/a.weight: its numbers are not those that sha256 was made of")
    place.fails("swa-avg run.h5 --checksum -o mean.npz", 64, "--checksum is for HDF5 results")
  }

  /// A group that holds itself is looked at once.
  @Test(.timeLimit(.minutes(1))) func groupInItself() throws {
    try makeRun()
    try edit("run.h5") {
      try $0.link("/", as: "one")
      try $0.link("/", as: "weights/two")
    }
    let table = place.succeeds("weights-check run.h5").output
    #expect(table.hasSuffix("run.h5\ttrajectory\t3\t3\t2\t24\t0\n"), "\(table)")
  }

  /// The page prints the schema that the tool follows.
  @Test func pageAndSchemaAgree() throws {
    let schema = place.succeeds("weights-check --kinds").output
    let page = try #require(ManualPagesTests.page("weightspace.5"))
    #expect(page.contains(".Bd -literal\n\(schema).Ed\n"))
  }

  @Test func wrongUse() {
    place.fails("weights-check --list --json x.h5", 64, "--list and --json exclude each other")
    place.fails("weights-check --kinds x.h5", 64, "--kinds reads no file")
  }
}

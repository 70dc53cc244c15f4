import Foundation
import HDF5
import Testing

/// `--resume` of files that others have written anew or edited: all is found by name, and what does not
/// fit is refused in one line.
@Suite struct ResumeEditsTests {
  let place = Workplace()

  /// Copies an HDF5 file of the suite dataset by dataset in another order.
  func copyInOtherOrder(_ name: String, to copy: String) throws {
    let source = try HDF5File.open(place.file(name))
    let target = try HDF5File.create(place.file(copy))
    for attribute in ["format", "kind", "architecture"] {
      try target.setAttribute(attribute, try #require(try source.stringAttribute(attribute)))
    }
    try target.setAttribute("format_version", 1)
    func copyDataset(_ path: String, grows: Bool) throws {
      let dataset = try source.dataset(path)
      let type = try #require(dataset.type)
      let shape = dataset.shape
      let new = try target.createDataset(
        path, type: type, shape: shape,
        maxShape: grows ? [nil] + shape.dropFirst().map { $0 } : nil, chunk: grows ? shape : nil,
        allocateNow: true)
      switch type {
      case .float32: try new.write(dataset.read(Float.self))
      case .int64: try new.write(dataset.read(Int64.self))
      default: try new.write(dataset.read(Double.self))
      }
    }
    for group in ["snapshots", "buffers", "weights", "state/vectors"] where source.exists(group) {
      try target.createGroup(group)
      for child in try source.children(of: group).reversed() {
        try copyDataset("\(group)/\(child.name)", grows: group != "state/vectors")
      }
    }
    for path in ["committed", "state/current", "state/numbers"] {
      try copyDataset(path, grows: false)
    }
    try target.setAttribute(
      "settings", of: "state", try #require(try source.stringAttribute("settings", of: "state")))
    try target.setAttribute(
      "names", of: "state/numbers",
      try #require(try source.stringsAttribute("names", of: "state/numbers")))
    try target.close()
  }

  @Test func aCopyInOtherOrder() throws {
    place.makeDigits()
    let run = "nn-train train.h5 --model small.json -b 64 --seed 3 -q"
    place.succeeds("\(run) --epochs 4 -o whole.h5")
    place.succeeds("\(run) --epochs 2 -o run.h5")
    try copyInOtherOrder("run.h5", to: "copy.h5")
    place.succeeds("\(run) --epochs 4 --resume -o copy.h5")
    try place.expectSameContents("whole.h5", "copy.h5")
  }

  @Test func whatDoesNotFit() throws {
    place.makeDigits()
    let run = "nn-train train.h5 --model small.json -b 64 --seed 3 -q"
    place.succeeds("\(run) --epochs 2 -o part.h5")
    func grown(_ type: ElementType, _ shape: [Int], compress: Int? = nil) -> (HDF5File, String)
      throws -> Void
    {
      { file, path in
        if file.exists(path) { try file.remove(path) }
        try file.createDataset(
          path, type: type, shape: shape, maxShape: [nil] + shape.dropFirst().map { $0 },
          chunk: shape, compress: compress, allocateNow: compress == nil)
      }
    }
    func fixed(_ type: ElementType, _ shape: [Int]) -> (HDF5File, String) throws -> Void {
      { file, path in
        if file.exists(path) { try file.remove(path) }
        try file.createDataset(path, type: type, shape: shape, allocateNow: true)
      }
    }
    let remove: (HDF5File, String) throws -> Void = { try $0.remove($1) }
    let edits: [(String, (HDF5File, String) throws -> Void)] = [
      ("weights/fc.bias", remove), ("weights/fc.bias", grown(.float64, [2, 10])),
      ("weights/fc.bias", grown(.float32, [2, 11])),
      ("weights/fc.bias", grown(.float32, [2, 10, 1])),
      ("weights/fc.bias", grown(.float32, [1, 10])), ("weights/fc.bias", fixed(.float32, [2, 10])),
      ("weights/fc.bias", grown(.float32, [2, 10], compress: 4)),
      ("weights/mine", grown(.float32, [2, 10])), ("weights", remove),
      ("buffers/bn1.running_var", remove), ("buffers/mine", grown(.float32, [2, 4])),
      ("buffers", remove), ("snapshots/epoch", remove), ("snapshots/mine", grown(.float64, [2])),
      ("snapshots/epoch", grown(.float32, [2])), ("snapshots/epoch", grown(.float64, [2, 1])),
      ("state/vectors/momentum", remove), ("state/vectors/momentum", fixed(.float32, [2, 3])),
      ("state/vectors/mine", fixed(.float32, [2, 3])), ("state/numbers", remove),
      ("state/numbers", fixed(.float64, [2, 1])), ("state/current", fixed(.int64, [3])),
      ("state/current", fixed(.int32, [])), ("committed", fixed(.int64, [2])),
      ("committed", remove),
      ("state", remove),
    ]
    for (i, (path, edit)) in edits.enumerated() {
      place.succeeds("cp part.h5 x.h5")
      let file = try HDF5File.open(place.file("x.h5"), writable: true)
      try edit(file, path)
      try file.close()
      let before = place.bytes("x.h5")
      let outcome = place.fails("\(run) --epochs 4 --resume -o x.h5", 65, "x.h5: ")
      #expect(
        outcome.errors.contains(path) || outcome.errors.contains(path + "/") || path == "state",
        "edit \(i), \(path): \(outcome)")
      #expect(place.bytes("x.h5") == before, "edit \(i), \(path)")
    }
    // Numbers of the state under other names, or that are none.
    for names in [["committed", "epoch"], ["committed"], ["epoch", "committed"]] {
      place.succeeds("cp part.h5 x.h5")
      let file = try HDF5File.open(place.file("x.h5"), writable: true)
      try file.setAttribute("names", of: "state/numbers", names + ["mine", "yours"])
      try file.close()
      place.fails("\(run) --epochs 4 --resume -o x.h5", 65, "state/numbers")
    }
    for value in [Double.nan, -1, 0.5, 1e300] {
      place.succeeds("cp part.h5 x.h5")
      let file = try HDF5File.open(place.file("x.h5"), writable: true)
      let numbers = try file.dataset("state/numbers")
      try numbers.write([Double](repeating: value, count: numbers.count))
      try file.close()
      place.fails("\(run) --epochs 4 --resume -o x.h5", 65, "x.h5: ")
    }
  }

  @Test func chains() throws {
    place.makeDigits()
    place.succeeds("nn-train train.h5 --model mlp:4 --epochs 4 -q -o run.h5")
    place.succeeds("subspace-pca run.h5 --rank 2 -o pca.h5")
    let run = "subspace-sample pca.h5 --data test.h5 --burn-in 1 --temperature 50 --chains 2 -q"
    place.succeeds("\(run) --samples 2 -o part.h5")
    let edits: [(String, ElementType, [Int])] = [
      ("coordinates", .float64, [4, 3]), ("coordinates", .float32, [4, 2]),
      ("coordinates", .float64, [4]), ("snapshots/draw", .float64, [4, 2]),
      ("diagnostics/r_hat", .float64, [1]), ("diagnostics/acceptance", .float32, [2]),
      ("components/model.0.bias", .float32, [2, 5]), ("shift/model.0.bias", .float32, [5]),
      ("state/vectors/chains", .float64, [2, 1]),
    ]
    for (path, type, shape) in edits {
      place.succeeds("cp part.h5 x.h5")
      let file = try HDF5File.open(place.file("x.h5"), writable: true)
      try file.remove(path)
      try file.createDataset(
        path, type: type, shape: shape, maxShape: [nil] + shape.dropFirst().map { $0 },
        chunk: shape,
        allocateNow: true)
      try file.close()
      let before = place.bytes("x.h5")
      place.fails("\(run) --samples 3 --resume -o x.h5", 65, path)
      #expect(place.bytes("x.h5") == before)
    }
  }

  /// Every command that made a run longer is in the history, the newest first, and once.
  @Test func history() throws {
    place.makeDigits()
    place.succeeds("nn-train train.h5 --model mlp:4 --epochs 4 -q -o a.h5 --seed 1")
    place.succeeds("nn-train train.h5 --model mlp:4 --epochs 1 -q -o b.h5 --seed 2")
    place.succeeds("subspace-pca a.h5 --rank 2 --no-history -o pca.h5")
    for (command, option, name) in [
      ("nn-train train.h5 --model mlp:4 -q", "--epochs", "run.h5"),
      ("curve-fit a.h5 b.h5 --data train.h5 -q", "--epochs", "curve.h5"),
      (
        "subspace-sample pca.h5 --data test.h5 --burn-in 1 --temperature 50 -q", "--samples", "s.h5"
      ),
    ] {
      let commands = [2, 4, 5].map { "\(command) \(option) \($0) --resume -o \(name)" }
      for line in [commands[0], commands[1], commands[1], commands[2]] { place.succeeds(line) }
      place.succeeds("swa-avg \(name) -o average.h5")
      let lines = try #require(
        try HDF5File.open(place.file("average.h5")).stringsAttribute("history"))
      let tool = command.prefix { $0 != " " }
      let own = lines.filter { $0.hasPrefix("\(tool) ") && $0.contains("-o \(name)") }
      #expect(
        own.map { String($0.drop { $0 != ":" }.dropFirst(2)) } == commands.reversed(), "\(lines)")
      place.succeeds("\(command) \(option) 6 --resume --no-history -o \(name)")
    }
  }

  /// Where nothing is left to do the file stays as it is, and so does its time.
  @Test func nothingToDo() throws {
    place.makeDigits()
    place.succeeds("nn-train train.h5 --model mlp:4 --epochs 4 -q -o run.h5 --seed 1")
    place.succeeds("nn-train train.h5 --model mlp:4 --epochs 1 -q -o b.h5 --seed 2")
    place.succeeds("subspace-pca run.h5 --rank 2 -o pca.h5")
    for (command, name) in [
      ("nn-train train.h5 --model mlp:4 --epochs 4 -q --seed 1", "run.h5"),
      ("curve-fit run.h5 b.h5 --data train.h5 --epochs 2 -q", "curve.h5"),
      ("subspace-sample pca.h5 --data test.h5 --burn-in 1 --samples 3 --temperature 50 -q", "s.h5"),
    ] {
      place.succeeds("\(command) --resume -o \(name) && touch -d '2001-02-03 04:05' \(name)")
      let before = place.bytes(name)
      place.succeeds("\(command) --resume -o \(name)")
      #expect(place.bytes(name) == before, "\(name)")
      #expect(place.succeeds("stat -c %Y \(name); date -d '2001-02-03 04:05' +%s").table.count == 2)
      let times = place.succeeds("stat -c %Y \(name); date -d '2001-02-03 04:05' +%s").table
      #expect(times[0] == times[1], "\(name)")
    }
  }
}

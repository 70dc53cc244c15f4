import Files
import Glibc
import HDF5
import TestSupport
import Testing
import WeightSpace

@testable import TrajectoryFiles

/// A layout with awkward shapes: scalar, one element, cut rows, several axes.
let awkward = VectorLayout([
  ("conv.weight", [5, 3, 2, 2], .weight), ("conv.bias", [5], .bias), ("bn.weight", [5], .scale),
  ("bn.bias", [5], .shift), ("scale", [], .other), ("fc.weight", [300, 1000], .weight),
  ("fc.bias", [1], .bias),
])
let statistics = VectorLayout([
  ("bn.running_mean", [5], .runningMean), ("bn.running_var", [5], .runningVariance),
])

/// Element i of snapshot t.
func value(_ t: Int, _ i: Int) -> Float { Float((i &* 7 &+ t &* 13) % 1009) / 64 - 3 }

func snapshot(_ t: Int, count: Int) -> WeightVector {
  WeightVector((0..<count).map { value(t, $0) })
}

@Suite struct TrajectoryRoundTripTests {
  let folder = Folder()

  func write(_ name: String, snapshots: Int, history: [String]? = ["made by a test"]) throws {
    let writer = try TrajectoryWriter(
      to: OutputTarget(folder.file(name)), layout: awkward, bufferLayout: statistics,
      architecture: "{}", history: history, columns: ["step", "epoch"])
    for t in 0..<snapshots {
      try writer.append(
        snapshot(t, count: awkward.count), buffers: snapshot(t + 100, count: statistics.count),
        columns: [Double(t) * 10, Double(t)])
    }
    try writer.finish()
  }

  @Test func everythingComesBack() throws {
    try write("a.h5", snapshots: 3)
    let reader = try TrajectoryReader(folder.file("a.h5"))
    #expect(reader.layout == awkward)
    #expect(reader.bufferLayout == statistics)
    #expect(reader.architecture == "{}")
    #expect(reader.history == ["made by a test"])
    #expect(reader.snapshotCount == 3)
    #expect(reader.columns.map(\.name) == ["step", "epoch"])
    #expect(reader.columns[0].values == [0, 10, 20])
    var weights = WeightVector(count: awkward.count)
    var buffers = WeightVector(count: statistics.count)
    for t in 0..<3 {
      try reader.readWeights(t, into: &weights)
      try reader.readBuffers(t, into: &buffers)
      #expect(weights.elements == snapshot(t, count: awkward.count).elements)
      #expect(buffers.elements == snapshot(t + 100, count: statistics.count).elements)
    }
  }

  @Test func sameBytes() throws {
    try write("a.h5", snapshots: 3)
    try write("b.h5", snapshots: 3)
    #expect(folder.bytes("a.h5") == folder.bytes("b.h5"))
    #expect(folder.listing == ["a.h5", "b.h5"])
  }

  @Test func selections() throws {
    try write("a.h5", snapshots: 6)
    let path = folder.file("a.h5")
    #expect(try TrajectoryReader(path + "[1:5:2]").indices == [1, 3])
    #expect(try TrajectoryReader(path + "[-2:]").indices == [4, 5])
    #expect(try TrajectoryReader(path + "[-1]").indices == [5])
    #expect(try TrajectoryReader(path + "[:3]", selection: .init(last: 2)).indices == [1, 2])
    let some = try TrajectoryReader(path, selection: .init(from: 1, every: 2))
    #expect(some.columns[1].values == [1, 3, 5])
    var weights = WeightVector(count: awkward.count)
    try some.readWeights(2, into: &weights)
    #expect(weights[5] == value(5, 5))
    #expect(throws: FileError(.wrongData, file: path, "no snapshot is selected; it has 6")) {
      _ = try TrajectoryReader(path, selection: .init(from: 6))
    }
    #expect(throws: FileError.self) { _ = try TrajectoryReader(path + "[1:x]") }
  }

  @Test(arguments: [0..<1, 0..<63, 59..<61, 60..<80, 70..<150_077, 299_000..<300_077])
  func columnsReadTheSameBothWays(_ columns: Range<Int>) throws {
    try write("a.h5", snapshots: 2)
    let reader = try TrajectoryReader(folder.file("a.h5"))
    #expect(reader.rawSource != nil)
    for t in 0..<2 {
      let expected = columns.map { value(t, $0) }
      var raw = [Float](repeating: 0, count: columns.count)
      var span = raw.mutableSpan
      try reader.readColumns(columns, of: t, into: &span)
      #expect(raw == expected)
      var library = [Float](repeating: 0, count: columns.count)
      try library.withUnsafeMutableBufferPointer {
        try reader.source.read(row: t, columns: columns, into: $0)
      }
      #expect(library == expected)
    }
  }

  @Test func columnsWrittenInAnyOrder() throws {
    for (name, width) in [("a.h5", 4096), ("b.h5", 70_001)] {
      let writer = try TrajectoryWriter(
        to: OutputTarget(folder.file(name)), layout: awkward, snapshots: 2)
      for start in stride(from: 0, to: awkward.count, by: width).reversed() {
        let columns = start..<min(start + width, awkward.count)
        for t in 0..<2 {
          let values = columns.map { value(t, $0) }
          try writer.writeColumns(columns, of: t, from: values.span)
        }
      }
      try writer.finish()
    }
    #expect(folder.bytes("a.h5") == folder.bytes("b.h5"))
    let reader = try TrajectoryReader(folder.file("a.h5"))
    var weights = WeightVector(count: awkward.count)
    try reader.readWeights(1, into: &weights)
    #expect(weights.elements == snapshot(1, count: awkward.count).elements)
    #expect(reader.bufferLayout == nil)
  }

  @Test func nothingWithoutFinish() throws {
    do {
      let writer = try TrajectoryWriter(
        to: OutputTarget(folder.file("a.h5")), layout: statistics)
      try writer.append(snapshot(0, count: statistics.count))
    }
    #expect(folder.listing == [])
  }

  @Test func notANumberIsNamed() throws {
    let writer = try TrajectoryWriter(
      to: OutputTarget(folder.file("a.h5")), layout: statistics, bufferLayout: statistics)
    var weights = snapshot(0, count: 10)
    try writer.append(weights, buffers: weights)
    weights[7] = .nan
    try writer.append(weights, buffers: weights)
    try writer.finish()
    let path = folder.file("a.h5")
    let reader = try TrajectoryReader(path)
    try reader.readWeights(0, into: &weights)
    let error = FileError(
      .wrongData, file: path, object: "weights/bn.running_var", "NaN in snapshot 1, element 2")
    #expect(throws: error) { try reader.readWeights(1, into: &weights) }
    #expect(try reader.firstNonFinite(in: 6..<10) == error)
    #expect(try reader.firstNonFinite(in: 0..<7) == nil)
    #expect(throws: FileError.self) { try reader.readBuffers(1, into: &weights) }
  }

  @Test func chunks() {
    #expect(chunkShape(of: [], rows: nil) == [16384])
    #expect(chunkShape(of: [10], rows: nil) == [1638, 10])
    #expect(chunkShape(of: [10], rows: 3) == [3, 10])
    #expect(chunkShape(of: [16384], rows: nil) == [1, 16384])
    #expect(chunkShape(of: [1024, 1024], rows: nil) == [1, 256, 1024])
    #expect(chunkShape(of: [2, 1 << 20], rows: 5) == [1, 1, 1 << 18])
    #expect(chunkShape(of: [512, 512, 3, 3], rows: nil) == [1, 52, 512, 3, 3])
    #expect(chunkShape(of: [1_000_000], rows: nil) == [1, 250_000])
  }

  @Test func rectanglesCoverTheRange() {
    for range in [0..<24, 1..<2, 5..<7, 3..<23, 11..<13, 0..<0] {
      let blocks = rectangles(of: range, in: [2, 3, 4])
      var elements: [Int] = []
      for block in blocks {
        for i in 0..<block.count[0] {
          for j in 0..<block.count[1] {
            for k in 0..<block.count[2] {
              elements.append(
                (block.start[0] + i) * 12 + (block.start[1] + j) * 4 + block.start[2] + k)
            }
          }
        }
      }
      #expect(elements == Array(range))
    }
  }
}

import Files
import HDF5
import TestSupport
import Testing
import TrajectoryFiles
import WeightSpace

@Suite struct TensorFileTests {
  let folder = Folder()
  static let layout = VectorLayout([
    ("conv.weight", [5, 3, 2, 2], .weight), ("noise", [], .other),
    ("fc.weight", [300, 999], .weight),
    ("fc.bias", [300], .bias),
  ])

  static func element(_ row: Int, _ i: Int) -> Float { Float((i * 7 + row * 13) % 1009) - 500 }

  func write(_ name: String, blocks: [Int], reversed: Bool) throws {
    let file = try TensorFileWriter(
      to: OutputTarget(folder.file(name)), kind: "gaussian", layout: Self.layout,
      groups: [("mean", nil), ("deviations", 3)], architecture: "{}", history: ["a test"])
    var edges = [0] + blocks.filter { $0 < Self.layout.count } + [Self.layout.count]
    edges.sort()
    var pieces = zip(edges, edges.dropFirst()).map { $0..<$1 }
    if reversed { pieces.reverse() }
    for columns in pieces {
      let mean = columns.map { Self.element(9, $0) }
      try file.writeColumns(columns, of: "mean", from: mean.span)
      for row in 0..<3 {
        let deviation = columns.map { Self.element(row, $0) }
        try file.writeColumns(columns, of: "deviations", row: row, from: deviation.span)
      }
    }
    try file.write(numbers: [1, 2, 3, 4, 5, 6], shape: [3, 2], to: "extra/coordinates")
    try file.write(count: 3, to: "committed")
    try file.setAttribute("rank", 3)
    try file.finish()
  }

  @Test func whatIsWrittenIsReadByAnyBlocksAndInAnyOrder() throws {
    try write("a.h5", blocks: [], reversed: false)
    try write("b.h5", blocks: [1, 59, 60, 61, 1000, 200_000, 299_761], reversed: true)
    #expect(folder.bytes("a.h5") == folder.bytes("b.h5"))

    let reader = try TensorFileReader(
      folder.file("b.h5"), kind: "gaussian", groups: [("mean", false), ("deviations", true)])
    #expect(reader.layout.slots.map(\.name) == Self.layout.slots.map(\.name))
    #expect(reader.layout.slots.map(\.shape) == Self.layout.slots.map(\.shape))
    #expect(try reader.rows(of: "mean") == 1)
    #expect(try reader.rows(of: "deviations") == 3)
    #expect(try reader.numbers("extra/coordinates").values == [1, 2, 3, 4, 5, 6])
    #expect(try reader.numbers("extra/coordinates").shape == [3, 2])
    #expect(reader.architecture == "{}" && reader.history == ["a test"])
    var vector = WeightVector(count: Self.layout.count)
    for row in 0..<3 {
      try reader.read("deviations", row: row, into: &vector)
      #expect(vector.elements == (0..<vector.count).map { Self.element(row, $0) })
    }
    try reader.read("mean", into: &vector)
    #expect(vector.elements == (0..<vector.count).map { Self.element(9, $0) })
    var part = [Float](repeating: 0, count: 100)
    var span = part.mutableSpan
    try reader.readColumns(50..<150, of: "deviations", row: 2, into: &span)
    #expect(part == (50..<150).map { Self.element(2, $0) })
  }

  @Test func anotherOrder() throws {
    try write("a.h5", blocks: [], reversed: false)
    let reader = try TensorFileReader(
      folder.file("a.h5"), kind: "gaussian", groups: [("mean", false), ("deviations", true)])
    let slots = Self.layout.slots
    let turned = VectorLayout(slots.reversed().map { ($0.name, $0.shape, $0.role) })
    try reader.arrange(like: turned, named: "another")
    var vector = WeightVector(count: turned.count)
    try reader.read("deviations", row: 1, into: &vector)
    #expect(
      vector.elements
        == slots.reversed().flatMap { $0.range.map { Self.element(1, $0) } })
  }

  @Test func wrongFiles() throws {
    try write("a.h5", blocks: [], reversed: false)
    let path = folder.file("a.h5")
    func problem(_ kind: FileKind, _ groups: [(name: GroupName, hasRows: Bool)]) -> String {
      do {
        _ = try TensorFileReader(
          path, kind: kind, groups: groups.map { (name: $0.0, hasRows: $0.1) })
        return ""
      } catch { return "\(error)" }
    }
    #expect(problem("subspace", [("mean", false)]).contains("holds gaussian, but a subspace"))
    #expect(problem("gaussian", [("variance", false)]).contains("variance: missing"))
    #expect(problem("gaussian", [("mean", true)]).contains("mean/noise: is a scalar"))

    let file = try HDF5File.open(path, writable: true)
    try file.dataset("deviations/fc.bias").write(
      [Float.nan], start: [1, 7], count: [1, 1])
    try file.close()
    let reader = try TensorFileReader(
      path, kind: "gaussian", groups: [("mean", false), ("deviations", true)])
    var vector = WeightVector(count: Self.layout.count)
    #expect(throws: FileError.self) { try reader.read("deviations", row: 1, into: &vector) }
    let error = try reader.firstNonFinite(
      in: 0..<Self.layout.count, of: "deviations", row: 1)
    #expect(error?.object == "deviations/fc.bias" && error?.problem == "NaN in row 1, element 7")
  }
}

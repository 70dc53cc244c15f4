import HDF5
import TestSupport
import Testing
import TrajectoryFiles
import WeightSpace

/// Affine trajectories, read past the library and by it.
@Suite struct AffineTests {
  let folder = Folder()
  static let layout = VectorLayout([
    ("c.weight", [3, 2, 3, 3], .weight), ("noise", [], .other), ("d.weight", [40, 1013], .weight),
    ("d.bias", [40], .bias),
  ])
  static let coordinates: [[Double]] = [[1, 0], [0, 1], [0.3, -1.7], [0, 0], [1e-9, 2]]

  static func element(_ row: Int, _ i: Int) -> Float {
    i % 11 == row ? -0.0 : Float((i * 29 + row * 71) % 1009) / 128 - 4
  }

  /// Compressed files are read by the library, one block at a time.
  func write(_ name: String, zeroShift: Bool, compress: Int? = nil) throws {
    let file = try HDF5File.create(folder.file(name))
    try file.setAttribute("format", "weightspace")
    try file.setAttribute("kind", "trajectory")
    for group in ["shift", "components"] { try file.createGroup(group) }
    for slot in Self.layout.slots {
      let shift = slot.range.map { zeroShift ? -0.0 : Self.element(7, $0) }
      let components = (0..<2).flatMap { row in slot.range.map { Self.element(row, $0) } }
      try file.createDataset("shift/\(slot.name)", type: .float32, shape: slot.shape).write(shift)
      try file.createDataset(
        "components/\(slot.name)", type: .float32, shape: [2] + slot.shape,
        chunk: compress == nil ? nil : [1] + slot.shape, compress: compress
      ).write(components)
    }
    try file.createDataset("coordinates", type: .float64, shape: [5, 2]).write(
      Array(Self.coordinates.joined()))
    try file.close()
  }

  /// Snapshot i by the definition, in Double.
  static func expected(_ i: Int, zeroShift: Bool) -> [UInt32] {
    (0..<layout.count).map { k in
      var sum = zeroShift ? -0.0 : Double(element(7, k))
      for j in 0..<2 where coordinates[i][j] != 0 {
        sum += coordinates[i][j] * Double(element(j, k))
      }
      return Float(sum).bitPattern
    }
  }

  @Test(arguments: [true, false], [nil, 4])
  func pointsByTheDefinition(_ zeroShift: Bool, _ compress: Int?) throws {
    try write("a.h5", zeroShift: zeroShift, compress: compress)
    let reader = try TrajectoryReader(folder.file("a.h5"))
    var vector = WeightVector(count: Self.layout.count)
    for i in 0..<5 {
      let expected = Self.expected(i, zeroShift: zeroShift)
      try reader.readWeights(i, into: &vector)
      #expect(vector.elements.map(\.bitPattern) == expected)
      for columns in [0..<1, 53..<56, 100..<20_000, 16_300..<40_614] {
        var part = [Float](repeating: 0, count: columns.count)
        var span = part.mutableSpan
        try reader.readColumns(columns, of: i, into: &span)
        #expect(part.map(\.bitPattern) == Array(expected[columns]))
      }
    }
    if zeroShift {
      // A snapshot that is a component is that component, the sign of zero included.
      try reader.readWeights(1, into: &vector)
      #expect(
        vector.elements.map(\.bitPattern)
          == (0..<vector.count).map { Self.element(1, $0).bitPattern })
    }
  }

  /// Selections, and another order of the tensors.
  @Test func arranged() throws {
    try write("a.h5", zeroShift: false)
    let reader = try TrajectoryReader(folder.file("a.h5") + "[1:4:2]")
    let slots = Self.layout.slots
    let turned = VectorLayout(slots.reversed().map { ($0.name, $0.shape, $0.role) })
    try reader.arrange(like: turned, named: "another")
    var vector = WeightVector(count: turned.count)
    #expect(reader.indices == [1, 3])
    for (i, index) in [1, 3].enumerated() {
      try reader.readWeights(i, into: &vector)
      let expected = Self.expected(index, zeroShift: false)
      #expect(
        vector.elements.map(\.bitPattern) == slots.reversed().flatMap { Array(expected[$0.range]) })
    }
  }

  /// Folded in the columns' order, whatever the blocks and threads.
  @Test func sumsOverBlocks() throws {
    let count = 10_000
    func sums(_ width: Int) throws -> [Double] {
      try ColumnBlocks(count: count, width: width).sums(terms: 2) { _ in
        [Float]()
      } load: { columns, block in
        block = columns.map { Float($0) * 0.37 }
      } each: { leaf, block, terms in
        let values = block
        terms.append(values.span.extracting(leaf).sum)
        terms.append(values.span.extracting(leaf).dot(values.span.extracting(leaf)))
      }
    }
    let reference = try sums(1024)
    #expect(abs(reference[0] - 0.37 * 0.5 * 9999 * 10_000) < 1)
    for width in [2048, 9216, 1 << 20] { #expect(try sums(width) == reference) }
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try ColumnBlocks(count: count, width: 1024).sums(terms: 1) { _ in
        0
      } load: { columns, _ in
        if columns.lowerBound > 4000 { throw Stop() }
      } each: { _, _, terms in
        terms.append(1)
      }
    }
  }
}

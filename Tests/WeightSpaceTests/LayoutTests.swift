import Testing
import WeightSpace

@Suite struct LayoutTests {
  let layout = VectorLayout([
    ("conv.weight", [2, 3, 2, 2], .weight), ("conv.bias", [2], .bias), ("none", [0, 4], .other),
    ("fc.weight", [3, 2], .weight), ("noise", [], .other),
  ])

  @Test func tensorsFollowEachOther() {
    #expect(layout.count == 24 + 2 + 0 + 6 + 1)
    #expect(layout["conv.bias"]?.range == 24..<26)
    #expect(layout["noise"]?.range == 32..<33)
    #expect(layout["absent"] == nil)
  }

  @Test func everyElementHasItsTensor() {
    for slot in layout.slots {
      for index in slot.range { #expect(layout.slot(containing: index) == slot) }
    }
  }

  @Test func segmentsAreFilters() {
    #expect(
      layout.segments(.filters) == [0..<12, 12..<24, 24..<26, 26..<28, 28..<30, 30..<32, 32..<33])
    #expect(layout.segments(.tensors) == [0..<24, 24..<26, 26..<32, 32..<33])
  }

  @Test func segmentedScaling() {
    var a = WeightVector([Float](repeating: 1, count: layout.count))
    let filters = layout.segments(.filters)
    let norms = a.squaredNorms(of: filters)
    #expect(norms == filters.map { Double($0.count) })
    a.scale(segments: filters, by: norms.map { Float(1 / $0.squareRoot()) })
    #expect(a.squaredNorms(of: filters).allSatisfy { abs($0 - 1) < 1e-6 })
  }

  @Test func equalTensorsInAnotherOrderDoNotDiffer() {
    let other = VectorLayout(layout.slots.reversed().map { ($0.name, $0.shape, .other) })
    #expect(layout.firstDifference(from: other) == nil)
  }

  @Test func differencesAreNamed() {
    let other = VectorLayout([
      ("conv.weight", [2, 3, 2, 2], .weight), ("conv.bias", [2], .bias), ("none", [0, 4], .other),
      ("fc.weight", [2, 3], .weight), ("extra", [7], .other),
    ])
    let shape = layout.firstDifference(from: other, named: "run1.h5")
    #expect(shape?.tensor == "fc.weight")
    #expect(shape?.problem == "shape [3, 2], but run1.h5 has [2, 3]")

    let fewer = VectorLayout(layout.slots.dropLast().map { ($0.name, $0.shape, $0.role) })
    let surplus = layout.firstDifference(from: fewer, named: "run1.h5")
    #expect(surplus?.tensor == "noise")
    #expect(surplus?.problem == "not in run1.h5")
    let missing = fewer.firstDifference(from: layout)
    #expect(missing?.tensor == "noise")
    #expect(missing?.problem == "missing, but the other has it with shape []")
  }
}

@Suite struct LayoutMapTests {
  let source = VectorLayout([("a", [2], .bias), ("b", [0], .other), ("c", [1, 3], .weight)])

  @Test func tensorsMoveByName() {
    let target = VectorLayout([("c", [1, 3], .weight), ("a", [2], .bias), ("b", [0], .other)])
    let map = LayoutMap(from: source, to: target)
    var moved = WeightVector(count: 5)
    map.copy(WeightVector([1, 2, 3, 4, 5]), to: &moved)
    #expect(moved.elements == [3, 4, 5, 1, 2])
    #expect(!map.isIdentity)
  }

  @Test func sameOrderIsIdentity() {
    let map = LayoutMap(from: source, to: source)
    var copy = WeightVector(count: 5)
    map.copy(WeightVector([1, 2, 3, 4, 5]), to: &copy)
    #expect(copy.elements == [1, 2, 3, 4, 5])
    #expect(map.isIdentity)
    let none = VectorLayout([])
    #expect(LayoutMap(from: none, to: none).isIdentity)
  }
}

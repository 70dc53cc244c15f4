import Glibc
import HDF5
import TestSupport
import Testing
import WeightSpace

@testable import TrajectoryFiles

/// Files as other programs write them, made through the library.
@Suite struct ForeignFileTests {
  let folder = Folder()

  @Test func stateDict() throws {
    let path = folder.file("sd.h5")
    let file = try HDF5File.create(path)
    func put(_ name: String, _ shape: [Int], _ type: ElementType = .float32) throws {
      let count = shape.reduce(1, *)
      try file.createDataset(name, type: type, shape: shape).write(
        (0..<count).map { Float($0) + 1 })
    }
    try put("conv1.weight", [2, 1, 3, 3])
    try put("bn1.weight", [2], .float16)
    try put("bn1.bias", [2], .bfloat16)
    try put("bn1.running_mean", [2])
    try put("bn1.running_var", [2], .float64)
    try put("bn1.num_batches_tracked", [], .int64)
    try file.createGroup("head/fc")
    try put("head/fc/weight", [3, 2])
    try put("head/fc/bias", [3])
    try file.close()

    let reader = try TrajectoryReader(path)
    #expect(
      reader.layout.slots.map(\.name)
        == ["conv1.weight", "bn1.weight", "bn1.bias", "head.fc.weight", "head.fc.bias"])
    #expect(reader.layout.slots.map(\.role) == [.weight, .scale, .shift, .weight, .bias])
    #expect(reader.bufferLayout?.slots.map(\.name) == ["bn1.running_mean", "bn1.running_var"])
    #expect(reader.snapshotCount == 1 && reader.history.isEmpty && reader.architecture == nil)
    #expect(reader.columns.isEmpty)
    var weights = WeightVector(count: reader.layout.count)
    try reader.readWeights(0, into: &weights)
    let expected: [Int] = Array(1...18) + [1, 2, 1, 2] + Array(1...6) + Array(1...3)
    #expect(weights.elements == expected.map { Float($0) })
    var buffers = WeightVector(count: 4)
    try reader.readBuffers(0, into: &buffers)
    #expect(buffers.elements == [1, 2, 1, 2])
    var part = [Float](repeating: 0, count: 5)
    var span = part.mutableSpan
    try reader.readColumns(17..<22, of: 0, into: &span)
    #expect(part == [18, 1, 2, 1, 2])
  }

  @Test func affine() throws {
    let path = folder.file("plane.h5")
    let file = try HDF5File.create(path)
    try file.setAttribute("format", "weightspace")
    try file.setAttribute("kind", "trajectory")
    for group in ["shift", "components"] { try file.createGroup(group) }
    try file.createDataset("shift/w", type: .float32, shape: [2, 2]).write([1, 2, 3, 4] as [Float])
    try file.createDataset("shift/b", type: .float32, shape: [1]).write([5] as [Float])
    try file.createDataset("components/w", type: .float32, shape: [2, 2, 2]).write(
      [1, 0, 0, 0, 0, 1, 0, 0] as [Float])
    try file.createDataset("components/b", type: .float32, shape: [2, 1]).write([0, 10] as [Float])
    try file.createDataset("coordinates", type: .float64, shape: [3, 2]).write(
      [0, 0, 1, 0, 0.5, -1] as [Double])
    try file.close()
    let reader = try TrajectoryReader(path)
    #expect(reader.snapshotCount == 3)
    var weights = WeightVector(count: 5)
    try reader.readWeights(0, into: &weights)
    #expect(weights.elements == [1, 2, 3, 4, 5])
    try reader.readWeights(2, into: &weights)
    #expect(weights.elements == [1.5, 1, 3, 4, -5])
    var part = [Float](repeating: 0, count: 2)
    var span = part.mutableSpan
    try reader.readColumns(3..<5, of: 2, into: &span)
    #expect(part == [4, -5])
  }

  @Test func wrongFiles() throws {
    let path = folder.file("a.h5")
    func message(_ build: (HDF5File) throws -> Void) throws -> String {
      let file = try HDF5File.create(path)
      try build(file)
      try file.close()
      do {
        _ = try TrajectoryReader(path)
        return "no error"
      } catch { return String("\(error)".dropFirst(path.count + 2)) }
    }
    #expect(
      try message { _ in } == "holds no weights: no dataset in it is of floating point")
    #expect(
      try message {
        try $0.setAttribute("format", "weightspace")
        try $0.setAttribute("kind", "dataset")
      } == "holds dataset, but a trajectory is expected here")
    func trajectory(_ file: HDF5File) throws {
      try file.setAttribute("format", "weightspace")
      try file.setAttribute("kind", "trajectory")
    }
    #expect(try message { try trajectory($0) } == "weights: missing")
    #expect(
      try message {
        try trajectory($0)
        try $0.createGroup("weights")
        try $0.createDataset("weights/a", type: .float32, shape: [2, 1]).write([1, 2] as [Float])
        try $0.createDataset("weights/b", type: .float32, shape: [3, 1]).write(
          [1, 2, 3] as [Float])
      } == "weights/b: has 3 snapshots, but weights/a has 2")
    #expect(
      try message {
        try trajectory($0)
        try $0.createGroup("weights")
        try $0.createDataset("weights/a", type: .int32, shape: [1, 1]).write([1] as [Int32])
      } == "weights/a: holds no floating-point numbers")
  }
}

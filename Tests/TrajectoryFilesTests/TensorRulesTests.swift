import Files
import HDF5
import TestSupport
import Testing
import WeightSpace

@testable import TrajectoryFiles

/// Tensors by patterns of their names, and what names of other programs say.
@Suite struct TensorRulesTests {
  let folder = Folder()

  private func write(_ name: String, _ tensors: [String]) -> String {
    var file = SafetensorsBuilder()
    for (i, tensor) in tensors.enumerated() { file.add(tensor, [2], [Float(i), Float(i) + 0.5]) }
    file.add("steps", "I64", [1], [UInt8](repeating: 0, count: 8))
    return folder.write(name, file.bytes)
  }

  private func reader(_ path: String, _ build: (inout TensorRules) -> Void) throws
    -> TrajectoryReader
  {
    var rules = TensorRules()
    build(&rules)
    return try TrajectoryReader(path, selection: SnapshotSelection(tensors: rules))
  }

  private func names(_ layout: VectorLayout?) -> [String] { layout?.slots.map(\.name) ?? [] }

  @Test func plainFiles() throws {
    let path = write(
      "a.safetensors", ["net.a.w", "net.b.w", "opt.m", "bn.running_mean", "bn.seen"])
    var file = try reader(path) { $0.only = ["net.*", "s?eps"] }
    #expect(names(file.layout) == ["net.a.w", "net.b.w"])
    #expect(file.carried.map(\.name) == ["steps"] && file.bufferLayout == nil)
    file = try reader(path) {
      $0.drop = ["opt*", "steps"]
      $0.statistics = ["*.seen"]
      $0.renames = [
        .init(pattern: #"^net\.([ab])\."#, text: #"\1-\0-"#), .init(pattern: "w$", text: ""),
      ]
    }
    #expect(names(file.layout) == ["a-net.a.-", "b-net.b.-"])
    #expect(names(file.bufferLayout) == ["bn.running_mean", "bn.seen"])
    #expect(file.carried.isEmpty)
    var vector = WeightVector(count: 4)
    try file.readWeights(0, into: &vector)
    #expect(vector.elements == [0, 0.5, 1, 1.5])
    var statistics = WeightVector(count: 4)
    try file.readBuffers(0, into: &statistics)
    #expect(statistics.elements == [3, 3.5, 4, 4.5])
    #expect(names(try reader(path) { $0.only = ["net.[b-z].w"] }.layout) == ["net.b.w"])
    func problem(_ build: (inout TensorRules) -> Void) -> String? {
      message { _ = try reader(path, build) }.map { String($0.dropFirst(path.count + 2)) }
    }
    #expect(problem { $0.drop = ["optimizer*"] } == "--drop optimizer* matches no tensor's name")
    #expect(problem { $0.only = ["*running_mean"] } == "the patterns leave no weights of it")
    #expect(
      problem { $0.renames = [.init(pattern: "net.[ab]", text: "c")] }
        == "net.b.w: would be called c.w, and so would net.a.w")
  }

  /// Trajectories, plain ones and points of a subspace, lose tensors as state dicts do.
  @Test func trajectories() throws {
    let layout = VectorLayout([("a.w", [2], .other), ("b.w", [1], .other)])
    let path = folder.file("run.h5")
    let writer = try TrajectoryWriter(to: OutputTarget(path), layout: layout)
    try writer.append(WeightVector([1, 2, 3]))
    try writer.append(WeightVector([4, 5, 6]))
    try writer.finish()
    let file = try reader(path) {
      $0.drop = ["a*"]
      $0.renames = [.init(pattern: "b", text: "c")]
    }
    #expect(names(file.layout) == ["c.w"] && file.snapshotCount == 2)
    var vector = WeightVector(count: 1)
    try file.readWeights(1, into: &vector)
    #expect(vector.elements == [6])
  }

  /// Names that Keras and Flax give.
  @Test func otherPrograms() throws {
    let path = folder.file("k.weights.h5")
    let file = try HDF5File.create(path)
    func add(_ path: String, _ shape: [Int]) throws {
      var group = ""
      for part in path.split(separator: "/").dropLast() {
        group += group.isEmpty ? "\(part)" : "/\(part)"
        if !file.exists(group) { try file.createGroup(group) }
      }
      let dataset = try file.createDataset(path, type: .float32, shape: shape)
      try dataset.write([Float](repeating: 1, count: shape.reduce(1, *)))
    }
    for i in 0..<4 { try add("layers/batch_normalization_1/vars/\(i)", [3]) }
    try add("layers/conv2d/vars/0", [3, 3, 1, 3])
    try add("layers/conv2d/vars/1", [3])
    try add("optimizer/vars/2", [3])
    try add("old/bn/gamma:0", [3])
    try add("old/bn/moving_variance:0", [3])
    try file.close()
    let keras = try TrajectoryReader(path)
    #expect(
      Set(names(keras.bufferLayout)) == [
        "layers.batch_normalization_1.vars.2", "layers.batch_normalization_1.vars.3",
        "old.bn.moving_variance:0",
      ])
    #expect(
      Set(names(keras.layout)) == [
        "layers.batch_normalization_1.vars.0", "layers.batch_normalization_1.vars.1",
        "layers.conv2d.vars.0", "layers.conv2d.vars.1", "old.bn.gamma:0",
      ])
    let flax = write(
      "f.safetensors", ["params.Dense.kernel", "batch_stats.BatchNorm_0.mean", "opt_state.0.mu"])
    #expect(names(try TrajectoryReader(flax).layout) == ["params.Dense.kernel"])
    #expect(names(try TrajectoryReader(flax).bufferLayout) == ["batch_stats.BatchNorm_0.mean"])
    // A layer of which nothing is known; an optimiser's states alone are what was asked for.
    let unknown = write("u.safetensors", ["bn1.vars.0", "bn1.vars.1", "bn1.vars.2", "bn1.vars.3"])
    #expect(
      message { _ = try TrajectoryReader(unknown) }
        == "\(unknown): bn1.vars.3: may be a running statistic: Keras does not say; name those with"
        + " --statistics, as in --statistics 'bn1.vars.[23]'")
    #expect(
      names(try reader(unknown) { $0.statistics = ["bn1.vars.[23]"] }.bufferLayout)
        == ["bn1.vars.2", "bn1.vars.3"])
    #expect(
      names(try TrajectoryReader(write("o.safetensors", ["optimizer.m"])).layout) == ["optimizer.m"]
    )
  }
}

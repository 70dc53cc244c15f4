import Files
import Foundation
import TestSupport
import Testing
import WeightSpace

@testable import TrajectoryFiles

/// Checkpoints that `Goldens/make-checkpoints.py` made with torch.save: every tensor as PyTorch reads
/// it back.
@Suite struct CheckpointTests {
  struct Answer: Decodable, Equatable {
    let name: String
    let type: String
    let shape: [Int]
    let values: [Double]
  }

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Goldens")

  static func path(_ name: String) -> String {
    folder.appendingPathComponent("checkpoint-\(name).pt").path
  }

  private func answers(_ name: String) throws -> [Answer] {
    let all = try JSONDecoder().decode(
      [String: [Answer]].self,
      from: Data(contentsOf: Self.folder.appendingPathComponent("checkpoints.json")))
    return try #require(all[name])
  }

  /// What a file holds, in the order of the file, of types that are read and those that are not.
  private func contents(_ name: String, key: String? = nil) throws -> [Answer] {
    let file = try #require(try PlainTensorFile(SpooledInput(Self.path(name)), key: key))
    return try file.tensors.map {
      Answer(
        name: $0.name, type: $0.type.rawValue, shape: $0.shape,
        values: $0.type.isOpaque ? [] : try $0.read(0..<$0.count))
    }
  }

  @Test(arguments: [
    "plain", "plain-legacy", "protocol3", "protocol4", "protocol4-legacy", "protocol5",
    "protocol5-legacy",
  ])
  func stateDict(_ name: String) throws {
    let answers = try answers("plain")
    #expect(try contents(name) == answers)
    // Any range of elements, read into Floats too.
    let file = try #require(try PlainTensorFile(SpooledInput(Self.path(name)), key: nil))
    for (tensor, answer) in zip(file.tensors, answers) {
      for start in 0..<tensor.count {
        for end in start..<tensor.count {
          #expect(try tensor.read(start..<end) == Array(answer.values[start..<end]))
        }
      }
    }
    let reader = try TrajectoryReader(Self.path(name))
    #expect(reader.bufferLayout?.slots.map(\.name) == ["bn.running_mean", "bn.running_var"])
    #expect(
      reader.carried.map(\.name) == ["bn.num_batches_tracked", "index", "small", "mask"])
    var vector = WeightVector(count: reader.layout.count)
    try reader.readWeights(0, into: &vector)
    for slot in reader.layout.slots {
      let answer = try #require(answers.first { $0.name == slot.name })
      #expect(slot.range.map { vector[$0] } == answer.values.map { Float($0) }, "\(slot.name)")
    }
  }

  @Test(arguments: ["nested", "nested-legacy"])
  func nested(_ name: String) throws {
    #expect(try contents(name) == answers("nested"))
    #expect(try contents(name, key: "state_dict") == answers("nested"))
    let words = message { _ = try contents(name, key: "state") }
    #expect(words?.contains("state: has no such key; it has state_dict (6 tensors)") == true)
    #expect(
      message { _ = try contents(name, key: "best") }?.hasSuffix(
        "best: is one tensor; name the dictionary that holds it") == true)
    // Also an optimiser's, if it is asked for.
    #expect(
      try contents(name, key: "optimizer/state/0").map(\.name) == ["step", "exp_avg", "exp_avg_sq"])
    let file = try PlainTensorFile(SpooledInput(Self.path(name)), key: nil)
    #expect(file?.remarks == ["\(Self.path(name)): takes state_dict of it"])
  }

  @Test(arguments: ["several", "several-legacy"])
  func several(_ name: String) throws {
    let path = Self.path(name)
    #expect(
      message { _ = try contents(name) }
        == "\(path): holds several dictionaries of tensors: model (6 tensors), ema (6 tensors); name"
        + " one, as in '\(path):model'")
    #expect(try contents(name, key: "ema") == answers("several"))
    #expect(
      try TrajectoryReader("\(path):ema").layout.slots.map(\.name) == [
        "0.weight", "0.bias", "1.weight", "1.bias",
      ])
    // A listing has all that there is, also of optimisers.
    let listing = try #require(try StateDictListing(SpooledInput(path)))
    #expect(listing.format == "pt")
    #expect(listing.tensors.contains { $0.name == "optimizer.state.0.exp_avg" })
    #expect(listing.tensors.contains { $0.name == "ema.0.weight" })
  }

  @Test(arguments: ["tree", "tree-legacy"])
  func dictionariesInDictionaries(_ name: String) throws {
    #expect(try contents(name) == answers("tree"))
  }

  @Test func typesThatAreNotRead() throws {
    #expect(try contents("odd") == answers("odd"))
    let file = try PlainTensorFile(SpooledInput(Self.path("odd")), key: nil)
    #expect(
      file?.remarks == [
        "\(Self.path("odd")): leaves out what is not read here: cc (complex128), sparse"
          + " (torch._utils._rebuild_sparse_tensor), quantized (torch._utils._rebuild_qtensor)"
      ])
  }

  /// A whole network is an object of a class, and its tensors are hidden in it.
  @Test func objects() {
    #expect(
      message { _ = try contents("module") }?.hasSuffix(
        "holds an object of torch.nn.modules.container.Sequential, which only running it would make;"
          + " save its state_dict() instead") == true)
  }

  /// A file whose whole name is the operand is meant by it.
  @Test func operands() throws {
    let folder = Folder()
    let bytes = try fileBytes(Self.path("several"))
    let plain = try fileBytes(Self.path("plain"))
    let both = folder.write("a.pt:ema", plain)
    _ = folder.write("a.pt", bytes)
    #expect(try CheckpointOperand(both) == CheckpointOperand(both))
    #expect(try CheckpointOperand(both).key == nil)
    #expect(try TrajectoryReader(both).layout["conv.weight"] != nil)
    #expect(try CheckpointOperand(folder.file("a.pt:model")).key == "model")
    #expect(try CheckpointOperand(folder.file("missing.pt:model")).key == nil)
    #expect(
      message { _ = try TrajectoryReader(folder.file("a.pt:model[3]")) }?.contains(
        "no snapshot is selected; it has 1") == true)
    // A folder of Hugging Face.
    #expect(
      message { _ = try TrajectoryReader(folder.path) }
        == "\(folder.path): is a directory without model.safetensors, model.safetensors.index.json,"
        + " pytorch_model.bin")
    folder.write("pytorch_model.bin", plain)
    #expect(try TrajectoryReader(folder.path).layout["conv.weight"] != nil)
    var safetensors = SafetensorsBuilder()
    safetensors.add("w", [1], [2])
    folder.write("model.safetensors", safetensors.bytes)
    #expect(try TrajectoryReader(folder.path + "/").layout.slots.map(\.name) == ["w"])
    #expect(
      message { _ = try TrajectoryReader(folder.file("model.safetensors:w")) }?.hasSuffix(
        "w: is a key, which only checkpoints of PyTorch have") == true)
  }

  /// Names of wrapped networks, as DataParallel and torch.compile give them.
  @Test func wrappers() throws {
    let folder = Folder()
    func write(_ name: String, _ prefix: String) -> String {
      var file = SafetensorsBuilder()
      file.add(prefix + "fc.weight", [1], [2])
      file.add(prefix + "fc.bias", [1], [3])
      file.add("n_averaged", "I64", [], [UInt8](repeating: 0, count: 8))
      return folder.write(name, file.bytes)
    }
    let plain = write("a.safetensors", "")
    let wrapped = write("b.safetensors", "module._orig_mod.")
    let other = write("c.safetensors", "model.")
    #expect(
      try SnapshotSequence([plain, wrapped, other]).layout.slots.map(\.name)
        == ["fc.weight", "fc.bias"])
    #expect(
      try SnapshotSequence([wrapped, plain]).layout.slots.map(\.name)
        == ["module._orig_mod.fc.weight", "module._orig_mod.fc.bias"])
    #expect(
      message { _ = try SnapshotSequence([plain, write("d.safetensors", "net.")]) }?.contains(
        "fc.weight") == true)
  }
}

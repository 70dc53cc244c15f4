import Files
import Foundation
import HDF5
import TestSupport
import Testing
import WeightSpace

@testable import TrajectoryFiles

/// Files that claim what they do not have, and what only looks like ours.
@Suite struct HostileFileTests {
  let folder = Folder()

  private func problem(_ operand: String) -> String? {
    message { _ = try TrajectoryReader(operand) }.map {
      String($0.dropFirst(operand.utf8.count + 2))
    }
  }

  private func make(_ build: (HDF5File) throws -> Void) throws -> String {
    let path = folder.file(UUID().uuidString + ".h5")
    let file = try HDF5File.create(path)
    try build(file)
    try file.close()
    return path
  }

  private func ours(_ file: HDF5File) throws {
    try file.setAttribute("format", "weightspace")
    try file.setAttribute("kind", "trajectory")
    try file.createGroup("weights")
  }

  @Test func shapesBeyondCounting() throws {
    let one = try make {
      try $0.createDataset("w", type: .float32, shape: [1 << 40, 1 << 40], chunk: [1, 1])
    }
    #expect(problem(one)?.contains("is too large") == true)
    let together = try make { file in
      for i in 0..<20 {
        try file.createDataset("w\(i)", type: .float32, shape: [1 << 58], chunk: [1])
      }
    }
    #expect(problem(together) != nil)
    let rows = try make {
      try ours($0)
      try $0.createDataset("weights/w", type: .float32, shape: [1 << 62, 1], chunk: [1, 1])
    }
    #expect(problem(rows)?.contains("is too large") == true)
    let empty = try make {
      try ours($0)
      try $0.createDataset("weights/w", type: .float32, shape: [1 << 58, 0], chunk: [1, 1])
    }
    #expect(problem(empty)?.contains("too many to be true") == true)
  }

  /// Each of 2⁵⁹ bytes could be counted, all of them could not.
  @Test func sumsBeyondCounting() {
    #expect(
      message {
        _ = try inferredLayout(
          of: (0..<40).map { ("w\($0)", [1 << 56]) }, file: "a.h5")
      }?.hasSuffix("is too large") == true)
  }

  @Test func namesThatOnlyLookAlike() throws {
    let path = try make {
      for (name, value) in [("\u{e9}", 1), ("e\u{301}", 2)] as [(String, Float)] {
        try $0.createDataset(name, type: .float32, shape: [1]).write([value])
      }
    }
    let reader = try TrajectoryReader(path)
    #expect(reader.layout.slots.map(\.name.nameBytes) == ["\u{e9}", "e\u{301}"].map(\.nameBytes))
    // And they are no match for each other.
    let single = folder.file("b.h5")
    let file = try HDF5File.create(single)
    try file.createDataset("e\u{301}", type: .float32, shape: [1]).write([1 as Float])
    try file.close()
    let other = try TrajectoryReader(single)
    #expect(
      message { try other.arrange(like: reader.layout, named: "a.h5") }?.contains("missing")
        == true)
  }

  @Test func groupsInsideThemselves() throws {
    let path = try make { file in
      try file.createGroup("g/deep")
      try file.createDataset("g/w", type: .float32, shape: [1]).write([1 as Float])
      try file.createDataset("w", type: .float32, shape: [1]).write([1 as Float])
      try file.link("/", as: "g/deep/up")
    }
    #expect(problem(path)?.contains("is the group / under another name") == true)
    // Two names of one dataset are two tensors.
    let shared = try make { file in
      try file.createDataset("w", type: .float32, shape: [1]).write([1 as Float])
      try file.link("w", as: "v")
    }
    #expect(try TrajectoryReader(shared).layout.slots.map(\.name) == ["w", "v"])
    let deep = try make { file in
      try file.createGroup(Array(repeating: "g", count: 200).joined(separator: "/"))
    }
    #expect(problem(deep)?.contains("nested too deep") == true)
  }

  @Test func selections() throws {
    let path = try make {
      try $0.createDataset("w", type: .float32, shape: [1]).write([1 as Float])
    }
    for brackets in ["[9223372036854775807]", "[1:5:9223372036854775807]"] {
      #expect(
        message { _ = try TrajectoryReader(path + brackets) }?.contains("no snapshot is selected")
          == true)
    }
    #expect(try TrajectoryReader(path + "[-9223372036854775808:]").snapshotCount == 1)
  }

  /// What other programs say of their files in attributes of the same names.
  @Test func attributesOfOthers() throws {
    let path = try make {
      try $0.createDataset("w", type: .float32, shape: [1]).write([1 as Float])
      try $0.setAttribute("format", "pt")
      try $0.setAttribute("kind", "trajectory")
      try $0.setAttribute("architecture", "ResNet50")
    }
    let reader = try TrajectoryReader(path)
    #expect(reader.layout.count == 1 && reader.architecture == nil)
    let predictions = try make {
      try $0.createDataset("probabilities", type: .float32, shape: [1, 2]).write(
        [0.5, 0.5] as [Float])
      try $0.createDataset("targets", type: .int32, shape: [1]).write([1] as [Int32])
      try $0.setAttribute("kind", "softmax")
    }
    #expect(try PredictionsReader(predictions).count == 1)
  }

  @Test func onlyTensorsInAGroupOfTensors() throws {
    let path = try make {
      try ours($0)
      try $0.createDataset("weights/w", type: .float32, shape: [1, 1]).write([1 as Float])
      try $0.createGroup("weights/more")
    }
    #expect(problem(path) == "weights/more: is no dataset, but only tensors are expected here")
  }

  @Test func piecesOfADistributedCheckpoint() {
    let header = """
      {"__metadata__": {"DCP_SHARDING_INFO": "{}"}, \
      "w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}
      """
    let path = folder.write("a.safetensors", SafetensorsBuilder.file(header, [0, 0, 0, 0]))
    #expect(problem(path)?.contains("distributed checkpoint") == true)
  }

  @Test func nothingForMetadata() throws {
    let header = """
      {"__metadata__": null, "w": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}
      """
    let path = folder.write("a.safetensors", SafetensorsBuilder.file(header, [0, 0, 0, 0]))
    #expect(try TrajectoryReader(path).layout.count == 1)
  }

  /// An index with a byte-order mark, and one that names a pipe nobody writes to.
  @Test func indices() throws {
    var shard = SafetensorsBuilder()
    shard.add("w", [1], [1])
    folder.write("s.safetensors", shard.bytes)
    let text = "{\"weight_map\": {\"w\": \"s.safetensors\"}}"
    let marked = folder.write("a.index.json", [0xEF, 0xBB, 0xBF] + Array(text.utf8))
    #expect(try TrajectoryReader(marked).layout.count == 1)
    #expect(folder.makePipe("pipe.safetensors"))
    let waiting = folder.write("b.index.json", text.replacingOccurrences(of: "s.s", with: "pipe.s"))
    #expect(message { _ = try TrajectoryReader(waiting) }?.contains("no regular file") == true)
  }

  @Test func arraysThatAreNoNumbers() throws {
    func problem(_ descriptor: String, _ bytes: [UInt8]) -> String? {
      var file = NpzBuilder()
      file.add("w.npy", NpzBuilder.array("<f4", "(1,)", [0, 0, 128, 63]))
      file.add("q.npy", NpzBuilder.array(descriptor, "(1,)", bytes))
      return self.problem(folder.write("a.npz", file.bytes))
    }
    for (descriptor, size) in [("<c8", 8), ("|V4", 4), ("<f16", 16), ("|O", 8), ("<M8[s]", 8)] {
      #expect(
        problem(descriptor, [UInt8](repeating: 0, count: size))?.hasPrefix("q: type") == true)
    }
    #expect(problem("|S1", [65]) == nil && problem("<U1", [65, 0, 0, 0]) == nil)
    // bfloat16 as NumPy saves it for others.
    var file = NpzBuilder()
    file.add("q.npy", NpzBuilder.array("|V2", "(2,)", [0x80, 0x3f, 0x20, 0xc0]))
    let reader = try TrajectoryReader(folder.write("b.npz", file.bytes))
    var values: [Float] = [0, 0]
    var span = values.mutableSpan
    try reader.readColumns(0..<2, of: 0, into: &span)
    #expect(values == [1, -2.5] && reader.storedTypes == [.bfloat16])
  }

  @Test func negativeExtents() {
    for shape in ["(2, -2)", "(-1,)"] {
      var file = NpzBuilder()
      file.add("w.npy", NpzBuilder.array("<f4", shape, [0, 0, 0, 0]))
      #expect(problem(folder.write("a.npz", file.bytes))?.contains("negative extent") == true)
    }
  }

  /// Tensors without elements, whatever their other extents, can be kept in HDF5.
  @Test func withoutElements() throws {
    let path = try make {
      try $0.createGroup("weights")
      let layout = VectorLayout([("a", [0, 1 << 40], .other), ("b", [2], .other)])
      _ = try TensorGroup.create(
        "deviations", layout: layout, in: $0, rows: 2, expected: 2, allocate: true)
    }
    #expect(try HDF5File.open(path).dataset("deviations/a").shape == [2, 0, 1 << 40])
  }
}

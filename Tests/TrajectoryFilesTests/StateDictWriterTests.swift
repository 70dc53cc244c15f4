import Glibc
import TestSupport
import Testing
import WeightSpace

@testable import Files
@testable import TrajectoryFiles

/// What is written as safetensors or npz, read back.
@Suite struct StateDictWriterTests {
  let folder = Folder()

  /// Numbers that every type holds.
  private let numbers = (0..<3006).map { Double($0 % 200 - 100) / 4 }
  private let tensors: [StateDictContents.Tensor] = [
    .init(name: "h", shape: [3], type: .float16),
    .init(name: "w", shape: [30, 100], type: .float32),
    .init(name: "b", shape: [], type: .bfloat16), .init(name: "none", shape: [0], type: .float64),
    .init(name: "d", shape: [1, 2], type: .float64),
  ]

  private func carried() throws -> [CarriedTensor] {
    var file = SafetensorsBuilder()
    file.add("w", [1], [1])
    file.add("count", "I64", [1], littleEndian([-5 as Int64]))
    file.add("mask", "BOOL", [3], [1, 0, 1])
    return try TrajectoryReader(folder.write("carried", file.bytes)).carried
  }

  private func write(
    _ path: String, _ format: StateDictFormat, _ contents: StateDictContents, width: Int = 700
  ) throws {
    let writer = try StateDictWriter(
      to: OutputTarget(folder.file(path)), format: format, contents: contents)
    // From the end, as threads might.
    for start in stride(from: 0, to: numbers.count, by: width).reversed() {
      let columns = start..<min(start + width, numbers.count)
      let part = Array(numbers[columns])
      try writer.writeColumns(columns, from: part.span)
    }
    try writer.finish()
  }

  private func check(_ name: String, types: [NumberType], ordered: Bool = true) throws {
    let reader = try TrajectoryReader(folder.file(name))
    #expect(Set(reader.layout.slots.map(\.name)) == Set(tensors.map(\.name)))
    try reader.arrange(
      like: inferredLayout(of: tensors.map { ($0.name, $0.shape) }, file: ""),
      named: "what was written")
    #expect(reader.storedTypes == types)
    var values = [Double](repeating: 0, count: numbers.count)
    var span = values.mutableSpan
    try reader.readColumns(0..<numbers.count, of: 0, into: &span)
    #expect(values == numbers)
    #expect(Set(reader.carried.map(\.name)) == ["count", "mask"])
    for tensor in reader.carried {
      let bytes = try tensor.bytes(0..<tensor.count)
      #expect(bytes == (tensor.name == "mask" ? [1, 0, 1] : littleEndian([-5 as Int64])))
    }
  }

  @Test func safetensors() throws {
    let contents = StateDictContents(
      tensors: tensors, carried: try carried(), architecture: "{\"a\": \"\\\"\"}",
      history: ["second", "first"])
    try write("a.safetensors", .safetensors(shardSize: nil), contents)
    try check("a.safetensors", types: tensors.map(\.type))
    let reader = try TrajectoryReader(folder.file("a.safetensors"))
    #expect(reader.architecture == contents.architecture && reader.history == ["second", "first"])
    let bytes = folder.bytes("a.safetensors")
    let header = 8 + Int(bytes[0]) + Int(bytes[1]) << 8
    #expect(header % 8 == 0)
    // Readers that map the file need every tensor aligned for its type.
    for slot in reader.layout.slots {
      guard case .plain(let group) = reader.source else { continue }
      let tensor = group.tensors[try #require(reader.layout.slots.firstIndex(of: slot))]
      #expect(tensor.address % tensor.type.size == 0)
    }
    try write("b.safetensors", .safetensors(shardSize: nil), contents, width: 3006)
    #expect(folder.bytes("b.safetensors") == bytes)
    #expect(folder.listing == ["a.safetensors", "b.safetensors", "carried"])
  }

  @Test func npz() throws {
    var narrow = tensors
    narrow[2] = .init(name: "b", shape: [], type: .float32)
    try write("a.npz", .npz, StateDictContents(tensors: narrow, carried: try carried()))
    try check("a.npz", types: narrow.map(\.type))
    // The checksum of the first member against the definition.
    let bytes = folder.bytes("a.npz")
    func number(_ place: Int) -> Int {
      (0..<4).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
    }
    let start = 30 + "h.npy".utf8.count
    #expect(number(14) == Int(NpzBuilder.checksum(Array(bytes[start..<(start + number(22))]))))
    #expect(throws: FileError.self) {
      try write("b.npz", .npz, StateDictContents(tensors: tensors))
    }
    #expect(folder.listing == ["a.npz", "carried"])
  }

  @Test func shards() throws {
    let contents = StateDictContents(tensors: tensors, carried: try carried())
    try write("m.safetensors", .safetensors(shardSize: 12_000), contents)
    #expect(
      folder.listing == [
        "carried", "m-00001-of-00003.safetensors", "m-00002-of-00003.safetensors",
        "m-00003-of-00003.safetensors", "m.safetensors.index.json",
      ])
    try check("m.safetensors.index.json", types: tensors.map(\.type))
    // All in one needs no index.
    try write("one.safetensors", .safetensors(shardSize: 1 << 20), contents)
    #expect(folder.listing.filter { $0.hasPrefix("one") } == ["one.safetensors"])
    let error = #expect(throws: FileError.self) {
      let many = (0..<501).map {
        StateDictContents.Tensor(name: "t\($0)", shape: [2], type: .float32)
      }
      _ = try StateDictWriter(
        to: OutputTarget(folder.file("x.safetensors")), format: .safetensors(shardSize: 8),
        contents: StateDictContents(tensors: many))
    }
    #expect(error?.kind == .cannotCreate)
  }

  @Test func nothingIsLeftWithoutFinish() throws {
    _ = folder.write("a.safetensors", [1, 2, 3])
    do {
      let writer = try StateDictWriter(
        to: OutputTarget(folder.file("a.safetensors")), format: .safetensors(shardSize: nil),
        contents: StateDictContents(tensors: tensors))
      try writer.writeColumns(0..<3006, from: numbers.span)
    }
    #expect(folder.listing == ["a.safetensors"] && folder.bytes("a.safetensors") == [1, 2, 3])
  }

  @Test func numbersThatDoNotFit() throws {
    let writer = try StateDictWriter(
      to: OutputTarget(folder.file("a.safetensors")), format: .safetensors(shardSize: nil),
      contents: StateDictContents(tensors: [.init(name: "h", shape: [3], type: .float16)]))
    let values = [65_519.0, 65_520, 1]
    let error = #expect(throws: FileError.self) {
      try writer.writeColumns(0..<3, from: values.span)
    }
    #expect(
      error?.object == "h"
        && error?.problem == "element 1, 65520.0, is too large for F16; give a larger --dtype")
  }
}

import Files

/// The files of a safetensors checkpoint: one, or several of at most `shardSize` bytes of numbers each
/// (but never less than a tensor) and an index.
func safetensorsPlan(
  _ contents: StateDictContents, path: String?, shardSize: Int?
) throws -> StateDictPlan {
  let tensors =
    contents.tensors
    + contents.carried.map {
      StateDictContents.Tensor(name: $0.name, shape: $0.shape, type: $0.type)
    }
  let shards = cut(tensors.map(\.byteCount), at: shardSize ?? .max)
  let stem = path.map { String($0.dropLast(".safetensors".count)) } ?? ""
  let isSharded = shards.count > 1
  guard shards.count <= 500 else {
    throw FileError(
      .cannotCreate, file: path ?? "standard output",
      "would be \(shards.count) shards, more than 500; give a larger --max-shard-size")
  }
  var files: [StateDictPlan.File] = []
  var places: [TensorPlace] = []
  for (number, shard) in shards.enumerated() {
    // Larger types first, so that every tensor is aligned for its type; else in the given order.
    let order = shard.sorted { (-tensors[$0].type.size, $0) < (-tensors[$1].type.size, $1) }
    var offsets: [Int: Int] = [:]
    var end = 0
    for i in order {
      offsets[i] = end
      end += tensors[i].byteCount
    }
    let header = header(order.map { (tensors[$0], offsets[$0] ?? 0) }, contents)
    for i in shard {
      places.append(
        TensorPlace(
          file: number, address: header.count + (offsets[i] ?? 0), type: tensors[i].type))
    }
    files.append(
      StateDictPlan.File(
        path: isSharded ? "\(stem)-\(five(number + 1))-of-\(five(shards.count)).safetensors" : nil,
        size: header.count + end, heads: [(header, 0)]))
  }
  if isSharded, let path {
    let index = index(
      tensors, files: shards.indices.flatMap { n in shards[n].map { _ in files[n].path ?? "" } })
    files.append(
      StateDictPlan.File(path: path + ".index.json", size: index.count, heads: [(index, 0)]))
  }
  return StateDictPlan(files: files, places: places) { files in
    for file in files { try file.commit() }
  }
}

extension StateDictContents.Tensor {
  fileprivate var byteCount: Int { shape.reduce(type.size, *) }
}

/// Ranges of successive sizes whose sums are at most `limit`, or that are a single one.
private func cut(_ sizes: [Int], at limit: Int) -> [Range<Int>] {
  var ranges: [Range<Int>] = []
  var start = 0
  var sum = 0
  for i in sizes.indices {
    if i > start, sum + sizes[i] > limit {
      ranges.append(start..<i)
      (start, sum) = (i, 0)
    }
    sum += sizes[i]
  }
  return ranges + [start..<sizes.count]
}

/// The head of a file: the length of the header, and the header, padded so that numbers begin at a
/// multiple of 8.
private func header(
  _ tensors: [(tensor: StateDictContents.Tensor, offset: Int)], _ contents: StateDictContents
) -> [UInt8] {
  // Programs that load the file look for this word.
  var metadata = ["\"format\":\"pt\""]
  if let architecture = contents.architecture {
    metadata.append("\"architecture\":" + jsonString(architecture))
  }
  if let history = contents.history {
    metadata.append("\"history\":" + jsonString(history.joined(separator: "\n")))
  }
  var members = ["\"__metadata__\":{" + metadata.joined(separator: ",") + "}"]
  for (tensor, offset) in tensors {
    let shape = tensor.shape.map(String.init).joined(separator: ",")
    members.append(
      jsonString(tensor.name) + ":{\"dtype\":\"\(tensor.type.rawValue)\",\"shape\":[\(shape)],"
        + "\"data_offsets\":[\(offset),\(offset + tensor.byteCount)]}")
  }
  var text = Array(("{" + members.joined(separator: ",") + "}").utf8)
  text += [UInt8](repeating: 0x20, count: (8 - text.count % 8) % 8)
  return (0..<8).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) } + text
}

/// The JSON that says which file holds which tensor.
private func index(_ tensors: [StateDictContents.Tensor], files: [String]) -> [UInt8] {
  let total = tensors.reduce(0) { $0 + $1.byteCount }
  let map = zip(tensors, files).map { tensor, file in
    let name = file.split(separator: "/").last.map(String.init) ?? file
    return "    \(jsonString(tensor.name)): \(jsonString(name))"
  }
  let text = """
    {
      "metadata": {
        "total_size": \(total)
      },
      "weight_map": {
    \(map.joined(separator: ",\n"))
      }
    }

    """
  return Array(text.utf8)
}

/// A number with five digits at least.
private func five(_ number: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
}

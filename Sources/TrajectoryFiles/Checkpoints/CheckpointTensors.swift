import Files

/// The tensors of a checkpoint that are one state dict: the dictionary that a key names, or the one that
/// there is.
struct CheckpointTensors {
  let tensors: [PlainTensor]
  /// What to tell the user: which dictionary was taken, and what is left out of it.
  let remarks: [String]

  /// - Parameter key: as in `state_dict` or `model/encoder`; "." is the whole; nil to choose.
  /// - Throws: `FileError` of kind `wrongData` where the key leads to nothing, where there are several
  ///   dictionaries to choose from, or where there is none.
  init(_ archive: TorchArchive, key: String?) throws {
    let tree = CheckpointTree(archive)
    var remarks: [String] = []
    let chosen: CheckpointTree.Node
    if let key {
      chosen = try tree.node(at: key)
    } else {
      chosen = try tree.choice()
      if !chosen.path.isEmpty {
        remarks.append("\(shown(archive.file.name)): takes \(shown(chosen.path)) of it")
      }
    }
    let found = try tree.tensors(below: chosen)
    self.remarks = remarks + found.remarks
    tensors = found.tensors
    guard !tensors.isEmpty else {
      throw archive.file.problem("holds no tensors", object: key)
    }
  }

  /// All tensors of a checkpoint under their full names, where there is no choice.
  init(all archive: TorchArchive) throws {
    let tree = CheckpointTree(archive)
    tensors = try tree.tensors(below: tree.root, isAll: true).tensors
    remarks = []
  }
}

/// The dictionaries of a checkpoint, one in the other.
struct CheckpointTree {
  /// A dictionary or list, and its keys from the root on, joined by dots.
  struct Node {
    let path: String
    let value: PickleValue
  }

  private let archive: TorchArchive
  private var file: PlainFile { archive.file }
  let root: Node

  init(_ archive: TorchArchive) {
    self.archive = archive
    root = Node(path: "", value: archive.root)
  }

  private static let greatestDepth = 32

  /// Names under which programs keep a network's weights.
  private static let usualNames: Set<String> = [
    "state_dict", "model", "model_state_dict", "model_state", "net", "network", "params", "module",
    "weights", "model_dict", "state", "ema", "state_dict_ema", "model_ema", "ema_state_dict",
    "params_ema", "teacher", "student", "encoder", "backbone", "generator",
  ]

  /// Whether what has that name is the state of something else than weights.
  private static func isOther(_ name: String) -> Bool {
    let name = name.lowercased()
    return ["optim", "sched", "scaler", "amp_", "callbacks", "loops"].contains {
      name.hasPrefix($0)
    } || name.contains("optimizer") || name.contains("scheduler") || name == "amp"
  }

  /// The state of an optimiser has these two.
  private func isOptimizer(_ children: [(name: String, value: PickleValue)]) -> Bool {
    children.contains { $0.name == "param_groups" } && children.contains { $0.name == "state" }
  }

  private static func joined(_ path: String, _ name: String) -> String {
    path.isEmpty ? name : "\(path).\(name)"
  }

  // MARK: Keys

  /// The dictionary that a key names; dots and slashes separate keys, but a key may hold them too.
  func node(at key: String) throws -> Node {
    if key == "." || key == "/" { return root }
    func find(_ value: PickleValue, _ key: Substring, _ depth: Int) -> PickleValue? {
      let children = archive.heap.children(of: value)
      if let whole = children.last(where: { $0.name.isSameName(as: key) }) { return whole.value }
      guard depth < Self.greatestDepth else { return nil }
      for place in key.indices.reversed() where key[place] == "." || key[place] == "/" {
        let rest = key[key.index(after: place)...]
        if let child = children.last(where: { $0.name.isSameName(as: key[..<place]) }),
          let found = find(child.value, rest, depth + 1)
        {
          return found
        }
      }
      return nil
    }
    guard let value = find(root.value, key[...], 0) else {
      throw file.problem(
        "has no such key" + (Self.list(candidates()).map { "; it has \($0)" } ?? ""), object: key)
    }
    if case .tensor = value {
      throw file.problem("is one tensor; name the dictionary that holds it", object: key)
    }
    return Node(path: key, value: value)
  }

  // MARK: Choice

  /// The dictionary to take where no key is given.
  func choice() throws -> Node {
    let candidates = candidates()
    if candidates.count == 1 { return candidates[0].node }
    guard let words = Self.list(candidates) else { throw noTensors() }
    // One network in pieces, such as params.conv1, params.conv2.
    var common = candidates[0].node.path.split(separator: ".")[...]
    for other in candidates.dropFirst() {
      let path = other.node.path.split(separator: ".")
      common = common.prefix(zip(common, path).prefix { $0 == $1 }.count)
    }
    if let first = common.first, Self.usualNames.contains(String(first)) {
      return try node(at: common.joined(separator: "."))
    }
    let example = candidates[0].node.path
    throw file.problem(
      "holds several dictionaries of tensors: \(words); name one, as in '\(shown(file.name)):\(example.isEmpty ? "." : shown(example))'"
    )
  }

  /// The dictionaries that may be the weights, each with how many tensors it has.
  private func candidates() -> [(node: Node, count: Int)] {
    var found: [(node: Node, count: Int)] = []
    var seen: Set<[Int]> = []
    func collect(_ node: Node, _ depth: Int) {
      guard let place = node.value.place, seen.insert(place).inserted else { return }
      let children = archive.heap.children(of: node.value)
      if depth > Self.greatestDepth || isOptimizer(children) { return }
      let own = children.compactMap { isWeights($0.value) }
      let before = found.count
      let isState = own.contains { $0 > 1 }
      for (name, value) in children where !Self.isOther(name) {
        // In a dictionary of tensors others are parts of it, unless they have a name of their own.
        if isState && !(Self.usualNames.contains(name) && depth == 0) { continue }
        collect(Node(path: Self.joined(node.path, name), value: value), depth + 1)
      }
      // Single numbers beside dictionaries of tensors are no weights.
      if isState || !own.isEmpty && found.count == before {
        found.insert((node, own.count), at: before)
      }
    }
    collect(root, 0)
    return found
  }

  /// How many elements a tensor of floating point has; nil for anything else.
  private func isWeights(_ value: PickleValue) -> Int? {
    guard case .tensor(let i) = value, archive.heap.tensors[i].type.type?.isFloatingPoint == true
    else { return nil }
    return Extents.product(archive.heap.tensors[i].shape) ?? .max
  }

  /// The candidates in words; nil where there are none.
  private static func list(_ candidates: [(node: Node, count: Int)]) -> String? {
    guard !candidates.isEmpty else { return nil }
    let words = candidates.prefix(8).map { node, count in
      "\(node.path.isEmpty ? "." : shown(node.path)) (\(count) tensor\(count == 1 ? "" : "s"))"
    }
    return words.joined(separator: ", ")
      + (candidates.count > 8 ? ", and \(candidates.count - 8) more" : "")
  }

  private func noTensors() -> FileError {
    if case .opaque(let i) = root.value {
      return file.problem(
        "holds an object of \(shown(archive.heap.globals[i])), which only running it would make; save"
          + " its state_dict() instead")
    }
    if case .tensor = root.value {
      return file.problem("holds one tensor without a name; save a dictionary of tensors")
    }
    return file.problem("holds no dictionary of tensors of floating point")
  }

  // MARK: Tensors

  /// The tensors of a dictionary and of those in it, in their order; states of optimisers are left out
  /// unless all are wanted.
  func tensors(below node: Node, isAll: Bool = false) throws -> (
    tensors: [PlainTensor], remarks: [String]
  ) {
    var tensors: [PlainTensor] = []
    var left: [String] = []
    var seen: Set<[Int]> = []
    var total = 0
    func collect(_ value: PickleValue, _ path: String, _ depth: Int) throws {
      guard let place = value.place, seen.insert(place).inserted else { return }
      let children = archive.heap.children(of: value)
      if depth > Self.greatestDepth || !isAll && depth > 0 && isOptimizer(children) { return }
      for (name, child) in children {
        let path = Self.joined(path, name)
        switch child {
        case .tensor(let i):
          guard isOneLine(path) else { throw file.problem("a name holds a control character") }
          let reference = archive.heap.tensors[i]
          guard let tensor = try archive.tensor(reference, named: path) else {
            left.append("\(shown(path)) (\(reference.type.name))")
            continue
          }
          // Tensors may share a storage, but not so often that the file stands for any amount.
          total = Extents.sum([total, tensor.byteCount]) ?? .max
          guard total / 64 <= file.size else {
            throw file.problem("its tensors claim far more numbers than the file has")
          }
          tensors.append(tensor)
        case .dictionary, .list, .tuple:
          if isAll || !Self.isOther(name) { try collect(child, path, depth + 1) }
        case .opaque(let i) where archive.heap.globals[i].hasPrefix("torch._utils._rebuild"):
          left.append("\(shown(path)) (\(shown(archive.heap.globals[i])))")
        default: break
        }
      }
    }
    try collect(node.value, "", 0)
    try checkDistinct(tensors.map(\.name), file: file.name)
    guard !left.isEmpty else { return (tensors, []) }
    let words = left.prefix(4).joined(separator: ", ")
    let more = left.count > 4 ? ", and \(left.count - 4) more" : ""
    return (tensors, ["\(shown(file.name)): leaves out what is not read here: \(words)\(more)"])
  }
}

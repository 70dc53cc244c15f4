import Files
import HDF5
import WeightSpace

/// The tensors of an HDF5 file from elsewhere: each floating-point dataset, named by its path with groups
/// joined by dots; running statistics apart.
///
/// Whole numbers and counters are carried along, texts passed over; what may have been meant as one, but cannot be read, is an
/// error, and so is a group that is reached twice, which may be inside of itself.
struct StateDictWalk {
  let weights: TensorGroup
  let buffers: TensorGroup?
  let carried: [CarriedTensor]

  private static let greatestDepth = 100

  /// - Parameter isStrict: as `ForeignRole.roles`.
  /// - Throws: `FileError` of kind `wrongData` that names the dataset.
  init(_ file: HDF5File, isStrict: Bool = true) throws {
    var found: [(name: String, dataset: HDF5Dataset)] = []
    var others: [CarriedTensor] = []
    var visited = [try file.identity(ofGroup: "/"): "/"]
    func collect(_ group: String, _ prefix: String, depth: Int) throws {
      for child in try file.children(of: group.isEmpty ? "/" : group) {
        let path = group.isEmpty ? child.name : "\(group)/\(child.name)"
        let name = prefix + child.name
        switch child.kind {
        case .group:
          if let other = visited.updateValue(path, forKey: child.identity) {
            throw FileError(
              .wrongData, file: file.name, object: path,
              "is the group \(other) under another name; remove one of the links")
          }
          guard depth < Self.greatestDepth else {
            throw FileError(.wrongData, file: file.name, object: path, "groups are nested too deep")
          }
          try collect(path, name + ".", depth: depth + 1)
        case .dataset:
          let tensor = try file.member(path)
          guard try Self.isWeights(tensor) else {
            // Steps and seeds of an optimiser.
            if ForeignRole.isOfOptimizer(name) { continue }
            if let other = try CarriedTensor(tensor, name: name) { others.append(other) }
            continue
          }
          if found.count > TensorGroup.greatestOpenCount { tensor.rest() }
          found.append((name, tensor))
        case .other: break
        }
      }
    }
    try collect("", "", depth: 1)
    let roles = try ForeignRole.roles(
      of: found.map { ($0.name, $0.dataset.shape) }, file: file.name, isStrict: isStrict)
    ForeignRole.remark(roles, file: file.name)
    func part(_ role: ForeignRole) -> [(name: String, dataset: HDF5Dataset)] {
      zip(found, roles).filter { $1 == role }.map(\.0)
    }
    let tensors = part(.weight)
    guard !tensors.isEmpty else {
      throw FileError(
        .wrongData, file: file.name, "holds no weights: no dataset in it is of floating point")
    }
    try checkDistinct(found.map(\.name) + others.map(\.name), file: file.name)
    carried = try part(.counter).compactMap { try CarriedTensor($1, name: $0) } + others
    let statistics = part(.statistic)
    weights = try Self.group(tensors, file)
    buffers = statistics.isEmpty ? nil : try Self.group(statistics, file)
  }

  /// Whether a dataset is one of floating point.
  private static func isWeights(_ dataset: HDF5Dataset) throws -> Bool {
    switch dataset.content {
    case .numbers(let type) where type.isFloatingPoint:
      try dataset.checkStored()
      return true
    case .numbers, .otherIntegers, .text: return false
    case .unreadable(let words):
      if try dataset.byteType().flatMap(NumberType.init) != nil { return false }
      throw dataset.problem(
        "holds \(words), which cannot be read; take it out, or save it as float32")
    }
  }

  private static func group(
    _ part: [(name: String, dataset: HDF5Dataset)], _ file: HDF5File
  ) throws -> TensorGroup {
    TensorGroup(
      layout: try inferredLayout(
        of: part.map { ($0.name, $0.dataset.shape) }, file: file.name),
      datasets: part.map(\.dataset), hasRows: false)
  }
}

import Files
import HDF5
import WeightSpace

/// What a file holds, before snapshots are selected.
struct TrajectoryContents {
  let source: SnapshotSource
  let buffers: TensorGroup?
  let columns: [(name: String, dataset: HDF5Dataset)]
  /// How many snapshots are whole.
  let count: Int

  init(_ file: HDF5File) throws {
    guard file.hasAttribute("format") else {
      let found = try stateDict(file)
      source = .rows(found.weights)
      buffers = found.buffers
      columns = []
      count = 1
      return
    }
    let kind = try file.kind(in: .weightspace) ?? "nothing known"
    guard let known = FileKind(rawValue: kind), known == .trajectory || known == .curve else {
      throw FileError(
        .wrongData, file: file.name, "holds \(kind), but a trajectory is expected here")
    }
    // Before the extents: a file that is being written to has at least so many rows from now on.
    let committed = try CommittedCount.read(in: file)
    let extent: Int
    if file.exists(DatasetName.coordinates.path) {
      let affine = try AffineSource(file)
      source = .affine(affine)
      extent = affine.count
    } else {
      guard file.exists(GroupName.weights.path) else {
        throw FileError(.wrongData, file: file.name, object: GroupName.weights.path, "missing")
      }
      source = .rows(try tensorGroup(.weights, in: file))
      extent = try source.rowCount(file)
    }
    if let committed {
      guard committed >= 0 && committed <= extent else {
        throw FileError(
          .wrongData, file: file.name, object: DatasetName.committed.path,
          "counts \(committed) snapshots, but there are \(extent)")
      }
      count = Int(committed)
    } else {
      count = extent
    }
    let statistics =
      file.exists(GroupName.buffers.path) ? try tensorGroup(.buffers, in: file) : nil
    buffers = statistics.flatMap { $0.datasets.isEmpty ? nil : $0 }
    if let buffers { try buffers.checkRows(atLeast: count) }
    let wholeRows = count
    columns =
      file.exists(DatasetName.snapshots.path)
      ? try file.children(of: DatasetName.snapshots.path).compactMap { child in
        guard child.kind == .dataset else { return nil }
        let dataset = try file.dataset(DatasetName.snapshots(child.name).path)
        guard dataset.type != nil, dataset.shape.count == 1, dataset.shape[0] >= wholeRows
        else { return nil }
        return (child.name, dataset)
      } : []
  }
}

/// The datasets of a tensor group of one of our files, each with a leading axis of rows.
func tensorGroup(_ group: GroupName, in file: HDF5File, hasRows: Bool = true) throws -> TensorGroup
{
  let datasets = try file.children(of: group.path).filter { $0.kind == .dataset }
    .map { try file.dataset(group.path(of: $0.name)) }
  var tensors: [(name: String, shape: [Int])] = []
  for dataset in datasets {
    guard dataset.type?.isFloatingPoint == true else {
      throw dataset.problem("holds no floating-point numbers")
    }
    guard !hasRows || !dataset.shape.isEmpty else {
      throw dataset.problem("is a scalar, but its first axis should count snapshots")
    }
    tensors.append(
      (
        String(dataset.path.dropFirst(group.path.count + 1)),
        Array(dataset.shape.dropFirst(hasRows ? 1 : 0))
      ))
  }
  return TensorGroup(layout: inferredLayout(of: tensors), datasets: datasets, hasRows: hasRows)
}

/// The tensors of a file from elsewhere: each floating-point dataset, named by its path with groups
/// joined by dots; running statistics apart.
private func stateDict(_ file: HDF5File) throws -> (weights: TensorGroup, buffers: TensorGroup?) {
  var found: [(name: String, dataset: HDF5Dataset)] = []
  func collect(_ group: String, _ prefix: String) throws {
    for child in try file.children(of: group.isEmpty ? "/" : group) {
      let path = group.isEmpty ? child.name : "\(group)/\(child.name)"
      let name = prefix + child.name
      switch child.kind {
      case .group: try collect(path, name + ".")
      case .dataset:
        let dataset = try file.dataset(path)
        if dataset.type?.isFloatingPoint == true && !isCounter(name) {
          found.append((name, dataset))
        }
      case .other: break
      }
    }
  }
  try collect("", "")
  func group(_ part: [(name: String, dataset: HDF5Dataset)]) -> TensorGroup {
    TensorGroup(
      layout: inferredLayout(of: part.map { ($0.name, $0.dataset.shape) }),
      datasets: part.map(\.dataset), hasRows: false)
  }
  let weights = found.filter { !isStatistic($0.name) }
  guard !weights.isEmpty else {
    throw FileError(
      .wrongData, file: file.name, "holds no weights: no dataset in it is of floating point")
  }
  let names = Set(found.map(\.name))
  guard names.count == found.count else {
    throw FileError(.wrongData, file: file.name, "two tensors have the same name")
  }
  let statistics = found.filter { isStatistic($0.name) }
  return (group(weights), statistics.isEmpty ? nil : group(statistics))
}

/// The layout of tensors whose roles follow from their names and shapes.
func inferredLayout(of tensors: [(name: String, shape: [Int])]) -> VectorLayout {
  let shapes = Dictionary(tensors.map { ($0.name, $0.shape) }) { first, _ in first }
  return VectorLayout(
    tensors.map { name, shape in
      let base = name.split(separator: ".").dropLast().joined(separator: ".")
      // A one-dimensional weight is BatchNorm's γ, and the bias beside it β.
      let isNormalization = shapes[base.isEmpty ? "weight" : base + ".weight"]?.count == 1
      let role: TensorRole =
        if name.hasSuffix("running_mean") {
          .runningMean
        } else if name.hasSuffix("running_var") {
          .runningVariance
        } else if name.hasSuffix("bias") {
          isNormalization ? .shift : .bias
        } else if shape.count >= 2 {
          .weight
        } else {
          name.hasSuffix("weight") ? .scale : .other
        }
      return (name, shape, role)
    })
}

extension TensorGroup {
  /// The number of rows that all datasets have.
  func rows(_ file: HDF5File) throws -> Int {
    guard let first = datasets.first else {
      throw FileError(.wrongData, file: file.name, object: GroupName.weights.path, "is empty")
    }
    if !hasRows { return 1 }
    // While a file grows, some datasets may already have a row more than others.
    if file.exists(DatasetName.committed.path) { return datasets.map { $0.shape[0] }.min() ?? 0 }
    for dataset in datasets where dataset.shape[0] != first.shape[0] {
      throw dataset.problem(
        "has \(dataset.shape[0]) snapshots, but \(first.path) has \(first.shape[0])")
    }
    return first.shape[0]
  }

  func checkRows(atLeast count: Int) throws {
    guard hasRows else { return }
    for dataset in datasets where dataset.shape[0] < count {
      throw dataset.problem("has \(dataset.shape[0]) snapshots instead of \(count)")
    }
  }
}

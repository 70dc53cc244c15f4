import Files
import HDF5
import TrajectoryFiles

/// Whether the datasets of a file are what its kind asks for.
struct SchemaCheck {
  private let schema: FileSchema
  private let datasets: [String: HDF5Dataset]
  private let depth: Inspection.Depth
  /// What each symbol stands for, and which dataset says so.
  private var extents: [String: (value: Int, source: String)] = [:]
  /// The shape of each tensor, and which dataset says so.
  private var shapes: [String: (shape: [Int], source: String)] = [:]

  init(_ schema: FileSchema, _ datasets: [String: HDF5Dataset], depth: Inspection.Depth) {
    self.schema = schema
    self.datasets = datasets
    self.depth = depth
  }

  /// Adds what is wrong, and what the numbers are, to the report.
  mutating func run(_ report: inout FileReport) {
    readCommitted(&report)
    for object in schema.objects {
      let paths = paths(of: object, report)
      if paths.isEmpty && object.isRequired {
        report.note(object.group ?? object.path, "missing")
      }
      for path in paths {
        guard let dataset = datasets[path] else { continue }
        checkShape(dataset, object, &report)
        checkNumbers(dataset, object, &report)
      }
    }
    // Datasets of a tensor group may lie deeper, or tensors be missing from one group.
    compareGroups(&report)
    if let rows = extents["T"] ?? extents["n"] {
      report.snapshots = committed ?? rows.value
    }
  }

  private var committed: Int?

  private func paths(of object: FileSchema.Object, _ report: FileReport) -> [String] {
    guard let group = object.group else {
      return datasets[object.path] == nil ? [] : [object.path]
    }
    return report.objects.map(\.path).filter { $0.hasPrefix(group + "/") }
  }

  private mutating func readCommitted(_ report: inout FileReport) {
    guard let dataset = datasets["committed"],
      schema.objects.contains(where: { $0.path == "committed" })
    else { return }
    guard let counts = report.attempt("committed", { try dataset.read(Int64.self) }) else { return }
    guard let count = counts.first, count >= 0 else {
      return report.note("committed", "is no count of snapshots")
    }
    committed = Int(count)
  }

  // MARK: Shapes

  private mutating func checkShape(
    _ dataset: HDF5Dataset, _ object: FileSchema.Object, _ report: inout FileReport
  ) {
    var rest = dataset.shape[...]
    for axis in object.axes {
      if axis == "example..." { return }
      if axis == "shape..." {
        let tensor = String(dataset.path.dropFirst((object.group ?? "").count + 1))
        return checkTensor(tensor, Array(rest), dataset, &report)
      }
      guard let extent = rest.popFirst() else {
        return report.note(
          dataset.path, "shape \(dataset.shape) instead of [\(object.axes.joined(separator: ", "))]"
        )
      }
      checkExtent(axis, extent, dataset, &report)
    }
    if !rest.isEmpty {
      report.note(
        dataset.path, "shape \(dataset.shape) instead of [\(object.axes.joined(separator: ", "))]")
    }
  }

  private mutating func checkExtent(
    _ axis: String, _ extent: Int, _ dataset: HDF5Dataset, _ report: inout FileReport
  ) {
    if axis == "T", let committed {
      if extent < committed {
        report.note(dataset.path, "has \(extent) snapshots, but \(committed) are committed")
      }
      if extents[axis] == nil { extents[axis] = (extent, dataset.path) }
      report.rows = extent > committed ? max(report.rows ?? 0, extent) : report.rows
      return
    }
    if let known = extents[axis] {
      if known.value != extent {
        report.note(
          dataset.path, "\(axis) is \(extent) here, but \(known.value) in \(known.source)")
      }
    } else {
      extents[axis] = (extent, dataset.path)
    }
  }

  private mutating func checkTensor(
    _ tensor: String, _ shape: [Int], _ dataset: HDF5Dataset, _ report: inout FileReport
  ) {
    if let known = shapes[tensor] {
      if known.shape != shape {
        report.note(
          dataset.path, "shape \(shape) here, but \(known.shape) in \(known.source)")
      }
    } else {
      shapes[tensor] = (shape, dataset.path)
    }
  }

  /// The groups of the weights hold the same tensors.
  private func compareGroups(_ report: inout FileReport) {
    let groups = schema.objects.filter { $0.axes.contains("shape...") }.compactMap(\.group)
      .filter { $0 != "buffers" && $0 != "carried" }
    func tensors(_ group: String) -> [String] {
      report.objects.map(\.path).filter { $0.hasPrefix(group + "/") }
        .map { String($0.dropFirst(group.count + 1)) }
    }
    guard let first = groups.first else { return }
    let expected = tensors(first)
    for group in groups.dropFirst() {
      let found = tensors(group)
      if found.isEmpty { continue }
      for tensor in expected where !found.contains(tensor) {
        report.note("\(group)/\(tensor)", "missing, but \(first) has it")
      }
      for tensor in found where !expected.contains(tensor) {
        report.note("\(group)/\(tensor)", "is not in \(first)")
      }
    }
  }

  // MARK: Numbers

  private mutating func checkNumbers(
    _ dataset: HDF5Dataset, _ object: FileSchema.Object, _ report: inout FileReport
  ) {
    if object.numbers == .texts {
      if dataset.content != .text { report.note(dataset.path, "holds no texts") }
      return
    }
    if object.numbers == .carried, dataset.type == nil {
      // Bytes that only other programs read; texts, which somebody added, are no harm.
      return
    }
    guard let type = dataset.type else { return report.note(dataset.path, "holds no numbers") }
    if let problem = object.numbers.problem(with: type) {
      return report.note(dataset.path, problem)
    }
    defer { dataset.rest() }
    guard depth == .full, let place = report.objects.firstIndex(where: { $0.path == dataset.path })
    else { return }
    let rows = object.axes.first == "T" ? committed : nil
    var rowSums = object.numbers == .probabilities ? RowSums(width: dataset.shape.last ?? 1) : nil
    var summary = NumberSummary()
    let isRead: Void? = report.attempt(dataset.path) {
      try dataset.forEachBlock(rows: rows) { (values: [Double]) in
        summary.add(values.span)
        rowSums?.add(values.span)
      }
    }
    guard isRead != nil else { return }
    report.objects[place].numbers = summary
    if object.numbers.areFinite { report.noteNonFinite(report.objects[place]) }
    let problem = object.numbers.problem(with: summary)
    if let problem { report.note(dataset.path, problem) }
    if let problem = rowSums?.problem { report.note(dataset.path, problem) }
  }
}

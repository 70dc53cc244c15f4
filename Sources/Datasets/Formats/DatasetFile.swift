import Files
import HDF5

/// A data set in a file, whose inputs are read by rows.
public struct DatasetFile {
  /// The data set without its inputs: its examples have no features.
  public let labels: Dataset
  private let file: HDF5File
  private let group: String
  private let inputs: HDF5Dataset
  private let inputShape: [Int]

  /// Opens what `Dataset.read` reads, and reads its targets.
  ///
  /// - Parameter mayLackTargets: whether targets may be missing, but if not must be as they should.
  /// - Throws: as `Dataset.read`, but for what is wrong with single inputs.
  public init(
    _ operand: String, group: String = "/", anyTargets: Bool = false, mayLackTargets: Bool = false
  ) throws {
    let file = try HDF5File.open(operand: operand)
    let prefix = group.hasSuffix("/") ? group : group + "/"
    if group == "/", let kind = try file.kind(in: .weightspace), kind != FileKind.dataset.rawValue {
      throw FileError(.wrongData, file: file.name, "is a \(kind) file, not a data set")
    }
    let isLabelled = !(anyTargets || mayLackTargets) || file.exists(prefix + "targets")
    for part in isLabelled ? ["inputs", "targets"] : ["inputs"] where !file.exists(prefix + part) {
      throw FileError(
        .wrongData, file: file.name, object: group,
        part == "targets" && file.exists(prefix + "inputs")
          ? "has no targets; only predictions and statistics are made without"
          : "is not a data set: it has no \(part)")
    }
    let inputs = try file.dataset(prefix + "inputs")
    let targets = isLabelled ? try file.dataset(prefix + "targets") : nil
    guard (1...4).contains(inputs.shape.count) else {
      throw inputs.problem(
        "shape \(inputs.shape) is neither [N, C, H, W] nor [N, features]")
    }
    if let targets { try Self.checkShape(targets, of: inputs) }
    guard inputs.count > 0, targets?.count != 0 else {
      throw inputs.problem("shape \(inputs.shape): there are no examples")
    }
    guard inputs.type != nil else { throw inputs.problem("holds no numbers") }
    let example = Array(inputs.shape.dropFirst())
    inputShape = example.isEmpty ? [1] : example.count == 2 ? [1] + example : example
    let names = try file.stringsAttribute("classes", of: group) ?? []
    var labels = Dataset(
      name: file.name, inputShape: [0], inputs: .floats([]),
      targets: try targets.map {
        try Dataset.readTargets($0, classNames: names, any: anyTargets)
      } ?? .classes(Array(repeating: 0, count: inputs.shape[0])), classNames: names)
    labels.isLabelled = isLabelled
    labels.exampleNames = try Self.names(in: file, prefix + "names", count: labels.count)
    let features = try file.stringsAttribute("features", of: group) ?? []
    if features.count == inputShape.reduce(1, *) { labels.featureNames = features }
    self.labels = labels
    self.file = file
    self.group = group
    self.inputs = inputs
  }

  /// The names of the examples; none where the file has none as `nn-data` writes them.
  private static func names(in file: HDF5File, _ path: String, count: Int) throws -> [String] {
    guard file.exists(path), let texts = try file.texts(path), texts.count == count else {
      return []
    }
    return texts
  }

  private static func checkShape(_ targets: HDF5Dataset, of inputs: HDF5Dataset) throws {
    guard (1...2).contains(targets.shape.count) else {
      throw targets.problem("shape \(targets.shape) is neither [N] nor [N, outputs]")
    }
    guard inputs.shape[0] == targets.shape[0] else {
      throw targets.problem("\(targets.shape[0]) targets for \(inputs.shape[0]) inputs")
    }
  }

  /// The whole data set.
  ///
  /// - Throws: `FileError` for a number that is not finite, and what reading throws.
  public func read() throws -> Dataset {
    if inputs.type == .uint8 {
      return try dataset(.bytes(elements(of: inputs)), labels)
    }
    return try dataset(.floats(elements(of: inputs)), labels, rows: 0..<labels.count)
  }

  /// The data set, or those rows of it, without the elements of its inputs.
  public func outline(rows: [Int]? = nil) throws -> Dataset {
    var dataset = Dataset(
      outline: rows.map { labels.selecting($0) } ?? labels, inputShape: inputShape,
      inputs: inputs.type == .uint8 ? .bytes([]) : .floats([]))
    try dataset.readConstants(from: file, group)
    dataset.history = try Dataset.readHistory(file)
    return dataset
  }

  /// The examples with those numbers, in that order; no others are read.
  ///
  /// - Precondition: all are in 0..<N.
  /// - Throws: as `read()`.
  public func read(rows: [Int]) throws -> Dataset {
    if rows.count == labels.count, rows.elementsEqual(0..<labels.count) { return try read() }
    let chosen = labels.selecting(rows)
    if inputs.type == .uint8 { return try dataset(.bytes(selected(rows)), chosen) }
    return try dataset(.floats(selected(rows)), chosen, rows: rows)
  }

  private func dataset(
    _ inputs: Dataset.Inputs, _ labels: Dataset,
    rows: some RandomAccessCollection<Int> = []
  ) throws -> Dataset {
    if case .floats(let floats) = inputs, let index = firstNonFinite(floats.span) {
      let row = rows[rows.index(rows.startIndex, offsetBy: index / inputShape.reduce(1, *))]
      throw self.inputs.problem("example \(row): \(floats[index]) is not a finite number")
    }
    var dataset = labels.replacing(inputs: inputs, shape: inputShape)
    try dataset.readConstants(from: file, group)
    dataset.history = try Dataset.readHistory(file)
    return dataset
  }

  /// The inputs of some rows: a few megabytes of rows that lie together at a time.
  private func selected<Element: HDF5Element>(_ rows: [Int]) throws -> [Element] {
    let width = inputShape.reduce(1, *)
    try inputs.checkStored(rows: rows.count)
    try requireMemory(
      for: inputs, [rows.count] + inputs.shape.dropFirst(),
      bytesPerElement: MemoryLayout<Element>.stride)
    var result = [Element](repeating: .zero, count: rows.count * width)
    let order = rows.indices.sorted { rows[$0] < rows[$1] }
    let greatest = max(1, (1 << 20) / width)
    var next = 0
    while next < order.count {
      let first = rows[order[next]]
      var end = next + 1
      while end < order.count, rows[order[end]] - first < greatest { end += 1 }
      let length = rows[order[end - 1]] - first + 1
      let block: [Element] = try inputs.read(
        start: [first] + inputs.shape.dropFirst().map { _ in 0 },
        count: [length] + inputs.shape.dropFirst())
      for place in order[next..<end] {
        let from = (rows[place] - first) * width
        for i in 0..<width { result[place * width + i] = block[from + i] }
      }
      next = end
    }
    return result
  }
}

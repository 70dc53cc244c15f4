import Files
import HDF5
import TrajectoryFiles

/// The inspection of an HDF5 file: all its datasets, then what its kind asks for.
struct HDF5Inspection {
  private let file: HDF5File
  private let depth: Inspection.Depth
  private var report: FileReport
  /// The datasets by path, as far as they could be opened.
  private var datasets: [String: HDF5Dataset] = [:]
  /// The groups that have been looked at, under whatever name.
  private var visited: Set<HDF5File.Identity> = []

  init(_ file: HDF5File, depth: Inspection.Depth) {
    self.file = file
    self.depth = depth
    report = FileReport(name: file.name)
  }

  func run() -> FileReport {
    var inspection = self
    let root = inspection.report.attempt(nil) { try file.identity(ofGroup: "/") }
    if let root { inspection.visited = [root] }
    inspection.collect("", depth: 0)
    inspection.checkKind()
    return inspection.report
  }

  /// Lists the datasets of a group and of the groups in it, which may not be deeper than this.
  private static let greatestDepth = 64

  private mutating func collect(_ group: String, depth: Int) {
    guard depth <= Self.greatestDepth else {
      return report.note(group, "groups are more than \(Self.greatestDepth) deep")
    }
    let file = file
    let found = report.attempt(group) { try file.children(of: group.isEmpty ? "/" : group) }
    for child in found ?? [] {
      if child.kind == .group, !visited.insert(child.identity).inserted { continue }
      let path = group.isEmpty ? child.name : "\(group)/\(child.name)"
      switch child.kind {
      case .group: collect(path, depth: depth + 1)
      case .dataset: datasets[path] = report.attempt(path) { try file.storedDataset(path) }
      case .other: break
      }
      if let dataset = datasets[path] {
        // Each takes tens of kilobytes while it is open.
        dataset.rest()
        report.objects.append(
          ObjectReport(
            path: path, type: dataset.type.map { "\($0)" } ?? "no numbers", shape: dataset.shape,
            numbers: nil))
      }
    }
  }

  private mutating func checkKind() {
    let file = file
    let kind = report.attempt(nil) {
      try file.stringAttribute("format") == FileFormat.weightspace.name
        ? try file.kind(in: .weightspace) ?? "" : nil
    }
    report.attempt(nil) { try Self.checkTexts(of: file) }
    guard let kind = kind ?? nil else {
      report.kind = report.problems.isEmpty ? "state dict" : nil
      return checkStateDict()
    }
    guard let known = FileKind(rawValue: kind) else {
      return report.note("kind", "\(jsonString(kind)) is no kind of file")
    }
    report.kind = kind
    let forms = FileSchema.all.filter { $0.kind == known }
    guard
      let schema = forms.first(where: { $0.mark.map { datasets[$0] != nil } ?? true })
    else { return report.note(nil, "holds no \(kind)") }
    var check = SchemaCheck(schema, datasets, depth: depth)
    check.run(&report)
    report.readUnchecked(datasets, depth)
    if depth == .full { compareChecksums() }
  }

  /// The numbers are those that were written, where the writer left a checksum of them.
  private mutating func compareChecksums() {
    let file = file
    for path in report.objects.map(\.path) {
      guard let dataset = datasets[path] else { continue }
      defer { dataset.rest() }
      let both = report.attempt(path) {
        (
          try file.stringAttribute(Checksum.attribute, of: path),
          file.hasAttribute(Checksum.attribute, of: path) ? try Checksum.of(dataset) : nil
        )
      }
      guard let (written, found) = both, let written else { continue }
      if written != found {
        report.note(path, "its numbers are not those that \(Checksum.attribute) was made of")
      }
    }
  }

  /// `history` is a list of texts and `architecture` JSON, where they are there.
  private static func checkTexts(of file: HDF5File) throws {
    for name in ["history", "architecture"] where file.hasAttribute(name) {
      guard let texts = try file.stringsAttribute(name) else {
        throw FileError(.wrongData, file: file.name, object: name, "is no text")
      }
      guard name == "architecture", let text = texts.first else { continue }
      var scanner = JSONScanner(Array(text.utf8))
      do {
        try scanner.skipValue()
        try scanner.end()
      } catch let failure as JSONScanner.Failure {
        throw FileError(
          .wrongData, file: file.name, object: name,
          "\(failure.problem), at byte \(failure.position)")
      }
    }
  }

  /// A file from elsewhere: whatever floating point is in it is weights.
  private mutating func checkStateDict() {
    report.snapshots = report.kind == nil ? nil : 1
    var hasWeights = false
    for k in report.objects.indices {
      let path = report.objects[k].path
      guard let dataset = datasets[path], let type = dataset.type else {
        report.note(path, "holds no numbers")
        continue
      }
      hasWeights = hasWeights || type.isFloatingPoint
      if depth == .full {
        report.objects[k].numbers = report.attempt(path) { try dataset.summary() }
      }
      if type.isFloatingPoint { report.noteNonFinite(report.objects[k]) }
    }
    if !hasWeights { report.note(nil, "holds no weights: no dataset in it is of floating point") }
  }
}

extension FileReport {
  /// Reads the numbers of what the kind says nothing of, for the listing only.
  fileprivate mutating func readUnchecked(
    _ datasets: [String: HDF5Dataset], _ depth: Inspection.Depth
  ) {
    guard depth == .full else { return }
    for k in objects.indices where objects[k].numbers == nil {
      guard let dataset = datasets[objects[k].path], dataset.type != nil else { continue }
      objects[k].numbers = attempt(objects[k].path) { try dataset.summary() }
    }
  }
}

extension HDF5Dataset {
  /// The summary of all numbers, or of the first `rows` along the first axis.
  func summary(rows: Int? = nil) throws -> NumberSummary {
    defer { rest() }
    var summary = NumberSummary()
    try forEachBlock(rows: rows) { (values: [Double]) in summary.add(values.span) }
    return summary
  }
}

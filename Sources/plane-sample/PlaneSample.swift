import ArgumentParser
import Files
import Posteriors
import ToolSupport
import TrajectoryFiles
import WeightSpace

/// Lays a plane or a line through weight space.
@main struct PlaneSample: Tool {
  static let configuration = CommandConfiguration(
    commandName: "plane-sample",
    abstract: "Lay a grid over a plane in weight space.",
    discussion: """
      The plane goes through three weights A, B and C, with the origin in A and the axis x towards \
      C, or from one along two random directions. The result is an affine trajectory with columns \
      x and y. It has no running statistics: bn-update makes them for each point. With --project \
      a table says where in the plane other weights are.
      """,
    version: versionText(of: "plane-sample"))

  @Argument(
    help: ArgumentHelp(
      "Three weight files, of each the last snapshot, or one file with three snapshots.",
      valueName: "weights"))
  var operands: [String] = []

  @Option(
    help: ArgumentHelp("Where random directions start: the last snapshot.", valueName: "file"))
  var at: String?
  @Flag(help: "Random directions, each filter with the norm of the weights' own.")
  var filterNormalized = false
  @Flag(help: "One random direction instead of two.") var line = false
  @Option(help: ArgumentHelp("Points along each axis.", valueName: "n")) var grid = 21
  @Option(
    help: ArgumentHelp(
      "How far the grid goes beyond the three points (default: 0.2 of their extent).",
      valueName: "part"))
  var margin: Double?
  @Option(
    help: ArgumentHelp(
      "How far the grid goes along random directions (default: 1).",
      valueName: "length"))
  var extent: Double?
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("Print where the snapshots of these files are.", valueName: "file"))
  var project: [String] = []
  @Flag(help: "Print JSON instead of a table.") var json = false

  @OptionGroup var seed: SeedOptions
  @OptionGroup var tensors: TensorOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var checksums: ChecksumOptions
  @OptionGroup var memory: MemoryOptions
  @OptionGroup var planning: PlanOptions
  @OptionGroup var threads: ThreadOptions
  @OptionGroup var quiet: QuietOptions

  func validate() throws {
    guard (at != nil) == filterNormalized else {
      throw ValidationError("--at and --filter-normalized belong together")
    }
    if at != nil && !operands.isEmpty {
      throw ValidationError("--at replaces the three weights")
    }
    if at == nil && ![0, 1, 3].contains(operands.count) {
      throw ValidationError(
        "a plane needs three weight files, or one with three snapshots, not \(operands.count)")
    }
    if at == nil && (line || extent != nil) {
      throw ValidationError("--line and --extent belong to --filter-normalized")
    }
    if at != nil && margin != nil { throw ValidationError("--margin belongs to three weights") }
    guard (2...1000).contains(grid) else { throw ValidationError("--grid must be from 2 to 1000") }
    if let margin, !(margin >= 0 && margin <= 1e6) {
      throw ValidationError("--margin must be 0 or a positive number")
    }
    if let extent, !(extent > 0 && extent <= 1e6) {
      throw ValidationError("--extent must be a positive number")
    }
    if !project.isEmpty && output.output == "-" {
      throw ValidationError("--project prints a table where -o - would put the plane")
    }
  }

  func execute() throws {
    threads.apply()
    try output.check(inputs: operands + project + [at])
    let projected = try project.map {
      try TrajectoryReader($0, selection: SnapshotSelection(tensors: tensors.rules))
    }
    let base = try openBase()
    if planning.plan { return try planning.print(planned(base, projected)) }
    let plane = try makePlane(through: base)
    for reader in projected { try reader.arrange(like: base.layout, named: base.name(of: 0)) }
    let file = try project.isEmpty || output.output != nil ? write(plane, through: base) : nil
    if !project.isEmpty {
      var table = ProjectionTable(plane, json: json)
      for reader in projected {
        try table.add(reader, memory: memory.memory.bytes, quiet: quiet.quiet)
      }
      try table.finish()
    }
    try file?.finish()
  }

  /// The weights that the plane goes through.
  private func openBase() throws -> SnapshotSequence {
    if let at {
      return try SnapshotSequence(
        [at], selection: SnapshotSelection(last: 1, tensors: tensors.rules))
    }
    let operands = operands.isEmpty ? ["-"] : operands
    let last = operands.count == 1 ? nil : 1
    let base = try SnapshotSequence(
      operands, selection: SnapshotSelection(last: last, tensors: tensors.rules))
    guard base.count == 3 else {
      throw FileError(
        .wrongData, file: base.name(of: 0),
        "has \(base.count) snapshot(s), but a plane goes through three; select them as in"
          + " run.h5[0:3], or name three files")
    }
    return base
  }

  private func makePlane(through base: SnapshotSequence) throws -> any WeightPlane {
    do {
      guard at == nil else {
        return try RandomPlane(
          at: base, axes: line ? 1 : 2, extent: extent ?? 1, seed: seed.seed,
          memory: memory.memory.bytes)
      }
      return try TrianglePlane(through: base, margin: margin ?? 0.2, memory: memory.memory.bytes)
    } catch is RandomPlane.NoFilters {
      throw FileError(
        .wrongData, file: base.name(of: 0), object: GroupName.weights.path,
        "no tensor has filters: none has two axes or more and is called weight")
    } catch TrianglePlane.Problem.equal(let i, let j) {
      throw FileError(
        .wrongData, file: base.name(of: j),
        "has the same weights as \(base.name(of: i)); a plane needs three different ones")
    } catch TrianglePlane.Problem.collinear {
      throw FileError(
        .wrongData, file: base.name(of: 1),
        "lies on the line through \(base.name(of: 0)) and \(base.name(of: 2)); three weights on one"
          + " line are in no single plane")
    }
  }

  /// All of the file but its end.
  private func write(
    _ plane: any WeightPlane, through base: SnapshotSequence
  ) throws -> AffineWriter {
    let file = try AffineWriter(
      to: checksums.applied(to: output.target), layout: base.layout,
      components: plane.componentCount,
      architecture: base.architecture, history: output.history(of: base.histories))
    let progress = ProgressBar(
      "copying", total: base.layout.count, unit: "weights", quiet: quiet.quiet)
    try plane.copyRows(
      memory: memory.memory.bytes, progress: { progress.advance(by: $0) },
      write: { try file.write(component: $0, $1, $2) })
    progress.clear()
    let points = plane.grid(grid).points
    let columns = [("x", points.map(\.x)), ("y", points.map(\.y))]
    try file.setSnapshots(
      points.map { plane.coordinates(x: $0.x, y: $0.y) },
      columns: Array(columns.prefix(plane.axes)))
    return file
  }
}

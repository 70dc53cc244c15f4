import ArgumentParser
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
  @OptionGroup var output: OutputOptions
  @OptionGroup var memory: MemoryOptions
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
    let projected = try project.map { try TrajectoryReader($0) }
    let plane = try makePlane()
    for reader in projected { try reader.arrange(like: plane.base.layout, named: plane.name) }
    let file = try project.isEmpty || output.output != nil ? write(plane) : nil
    if !project.isEmpty {
      var table = ProjectionTable(plane, json: json)
      for reader in projected {
        try table.add(reader, memory: memory.memory.bytes, quiet: quiet.quiet)
      }
      try table.finish()
    }
    try file?.finish()
  }

  private func makePlane() throws -> any WeightPlane {
    guard let at else {
      return try TrianglePlane(
        operands.isEmpty ? ["-"] : operands, margin: margin ?? 0.2, memory: memory.memory.bytes)
    }
    return try RandomPlane(
      at: at, axes: line ? 1 : 2, extent: extent ?? 1, seed: seed.seed, memory: memory.memory.bytes)
  }

  /// All of the file but its end.
  private func write(_ plane: any WeightPlane) throws -> TensorFileWriter {
    let file = try TensorFileWriter(
      to: output.target, kind: "trajectory", layout: plane.base.layout,
      groups: [("shift", nil), ("components", plane.componentCount)],
      architecture: plane.base.architecture, history: output.history(of: plane.base.histories))
    let progress = ProgressBar(
      "copying", total: plane.base.layout.count, unit: "weights", quiet: quiet.quiet)
    try plane.copyRows(to: file, memory: memory.memory.bytes, progress: progress)
    progress.clear()
    let points = plane.grid(grid).points
    try file.write(
      numbers: points.flatMap { plane.coordinates(x: $0.x, y: $0.y) },
      shape: [points.count, plane.componentCount], to: "coordinates")
    try file.write(numbers: points.map(\.x), shape: [points.count], to: "snapshots/x")
    if plane.axes == 2 {
      try file.write(numbers: points.map(\.y), shape: [points.count], to: "snapshots/y")
    }
    try file.write(count: points.count, to: "committed")
    return file
  }
}

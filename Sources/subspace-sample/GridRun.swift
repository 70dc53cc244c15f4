import Posteriors
import ToolSupport
import TrajectoryFiles

/// The posterior at the points of a regular grid over the first two axes, the others at the shift: a
/// look at the density that the samplers see.
struct GridRun {
  private let tool: SubspaceSample
  private let posterior: SubspacePosterior
  private let writer: SampleWriter

  init(_ tool: SubspaceSample, _ posterior: SubspacePosterior, _ writer: SampleWriter) {
    self.tool = tool
    self.posterior = posterior
    self.writer = writer
  }

  func execute() throws {
    guard posterior.dimension >= 2 else {
      throw usageError("--method grid needs a subspace of two dimensions at least")
    }
    let side = tool.sampling.samples
    let extent = tool.fit.extent ?? 3
    let file = try writer.create(grows: false)
    let progress = ProgressBar(
      "evaluating", total: side * side, unit: "points", quiet: tool.quiet.quiet)
    func place(_ i: Int) -> Double {
      side == 1 ? 0 : extent * (2 * Double(i) / Double(side - 1) - 1)
    }
    for k in 0..<(side * side) {
      var u = [Double](repeating: 0, count: posterior.dimension)
      (u[0], u[1]) = (place(k % side), place(k / side))
      try writer.append(u, draw: k, to: file)
      progress.update(k + 1)
    }
    progress.clear()
    try file.finish()
  }
}

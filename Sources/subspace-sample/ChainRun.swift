import Files
import NeuralNetworks
import Posteriors
import ToolSupport
import TrajectoryFiles

/// The Markov chains of one command, and the trajectory that grows by a sample of each at a time.
struct ChainRun {
  private let tool: SubspaceSample
  private let posterior: SubspacePosterior
  private let writer: SampleWriter
  private var chains: [any MarkovKernel] = []
  private var done = 0

  init(
    _ tool: SubspaceSample, _ posterior: SubspacePosterior, _ writer: SampleWriter
  ) throws {
    self.tool = tool
    self.posterior = posterior
    self.writer = writer
    for chain in 0..<tool.sampling.chains {
      let start: ChainStart
      do {
        start = try ChainStart(of: posterior, chain: chain, seed: tool.seed.seed)
      } catch let problem as ChainStart.Nowhere {
        throw NetworkError(
          "the log-likelihood at the start of chain \(chain) is \(problem.logLikelihood): the"
            + " network's outputs are no finite numbers there; check the data and the subspace's shift"
        )
      }
      let kernel: any MarkovKernel.Type =
        tool.sampling.method == .nuts ? NoUTurnSampler.self : EllipticalSliceSampler.self
      chains.append(
        try kernel.init(at: start, of: posterior, warmup: tool.sampling.transitionsBefore))
    }
  }

  /// How many numbers the state of a chain has.
  private var stateCount: Int { chains[0].state.count }

  mutating func execute() throws {
    let file = try openOutput()
    do {
      try run(file)
    } catch {
      file.removeIfEmpty()
      throw error
    }
  }

  private mutating func run(_ file: GrowingAffineTrajectory) throws {
    let before = tool.sampling.transitionsBefore
    let transitions = before + tool.sampling.samples
    if done >= transitions, !tool.quiet.quiet {
      StandardError.write("subspace-sample: all \(done - before) samples are done\n")
    }
    let progress = ProgressBar(
      "sampling", total: transitions, unit: "transitions", quiet: tool.quiet.quiet)
    var passes = 0
    var divergences = 0
    let first = done
    while done < transitions {
      for c in chains.indices {
        try chains[c].step(posterior, seed: tool.seed.seed, chain: c, iteration: done)
        passes += chains[c].evaluations
        if done >= before {
          try append(chains[c], c, draw: done - before, to: file)
          if chains[c].diverged { divergences += 1 }
        }
      }
      done += 1
      try file.commitState(
        ["chains": chains.flatMap(\.state)], scalars: ["transitions": Double(done)])
      progress.update(done)
    }
    progress.clear()
    var remarks: [String] = []
    if done > first {
      let each = Double(passes) / Double((done - first) * chains.count)
      remarks.append("\(each.significant(3)) passes over the data in a transition")
    }
    if divergences > 0 {
      remarks.append(
        "\(divergences) of \((done - max(first, before)) * chains.count) trajectories diverged;"
          + " a longer --burn-in finds a smaller step size")
    }
    try writer.finish(file, remarks: remarks)
  }

  private func append(
    _ chain: any MarkovKernel, _ number: Int, draw: Int, to file: GrowingAffineTrajectory
  ) throws {
    try writer.append(
      chain.position, chain: number, draw: draw,
      logLikelihood: chain.logLikelihood * posterior.temperature, acceptance: chain.acceptance,
      to: file)
  }

  // MARK: The output file

  private var parts: GrowingAffineTrajectory.Parts {
    let numbers = [posterior.dimension + 1]
    return GrowingAffineTrajectory.Parts(
      columns: SampleWriter.columns,
      diagnostics: [
        ("effective_sample_size", numbers), ("r_hat", numbers), ("acceptance", [chains.count]),
      ], stateVectors: [("chains", stateCount * chains.count)], stateScalars: ["transitions"])
  }

  private mutating func openOutput() throws -> GrowingAffineTrajectory {
    if tool.resume, let part = tool.output.target.part, let file = try resumed(part) {
      return file
    }
    return try writer.create(parts, grows: true)
  }

  /// The file to go on with, the chains set to its state; nil where there is none, or nothing was saved
  /// before they stopped, so that they start over.
  private mutating func resumed(_ part: PartFile) throws -> GrowingAffineTrajectory? {
    guard let file = try writer.resume(part, parts) else { return nil }
    let numbers = try file.readState("chains", count: stateCount * chains.count)
    for c in chains.indices {
      chains[c].state = Array(numbers[(c * stateCount)..<((c + 1) * stateCount)])
    }
    let transitions = try file.stateScalars()["transitions"] ?? 0
    guard let count = Int(exactly: transitions), count >= 0 else {
      throw FileError(
        .wrongData, file: file.name, object: DatasetName.state("numbers").path, "damaged")
    }
    done = count
    return file
  }
}

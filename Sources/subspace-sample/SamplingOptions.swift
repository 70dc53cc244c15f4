import ArgumentParser
import Files
import HDF5
import Posteriors
import TrajectoryFiles

/// How many samples of what.
struct SamplingOptions: ParsableArguments {
  @Option(help: "ess, vi, nuts, flow or grid.") var method: SubspaceSample.Method = .ess
  @Option(
    help: ArgumentHelp(
      "Samples to keep, of each chain; with grid points along an axis.", valueName: "s"))
  var samples = 30
  @Option(
    help: ArgumentHelp(
      "Transitions of a chain before its first sample (default: ess 20, nuts 100).",
      valueName: "b"))
  var burnIn: Int?
  @Option(help: ArgumentHelp("Markov chains, the first from the shift.", valueName: "c"))
  var chains = 1
  @Option(
    help: ArgumentHelp("What the log-likelihood is divided by.", valueName: "t"))
  var temperature = 1.0

  func validate() throws {
    guard (1...10_000_000).contains(samples) else {
      throw ValidationError("--samples must be from 1 to 10000000")
    }
    guard (1...1000).contains(chains) else {
      throw ValidationError("--chains must be from 1 to 1000")
    }
    if let burnIn, !(0...10_000_000).contains(burnIn) {
      throw ValidationError("--burn-in must be from 0 to 10000000")
    }
    guard temperature > 0 && temperature.isFinite else {
      throw ValidationError("--temperature must be positive")
    }
  }

  var transitionsBefore: Int { burnIn ?? (method == .nuts ? 100 : 20) }
}

/// The prior in the subspace and the noise of a regression.
struct PriorOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The prior's standard deviation along an axis, in units of the trajectory's own.",
      valueName: "s"))
  var priorStd = 1.0
  @Flag(help: "Take --prior-std as it is, the same along all axes.") var isotropic = false
  @Option(
    help: ArgumentHelp(
      "Noise of a regression's targets, in their units, where the network predicts none.",
      valueName: "s"))
  var noiseStd: Double?

  func validate() throws {
    guard priorStd > 0 && priorStd.isFinite else {
      throw ValidationError("--prior-std must be positive")
    }
    if let noiseStd, !(noiseStd > 0 && noiseStd.isFinite) {
      throw ValidationError("--noise-std must be positive")
    }
  }

  /// The prior's standard deviation along each axis: σ_p sⱼ / √(rows − 1), or σ_p.
  ///
  /// - Throws: `FileError` of kind `wrongData` where the file does not say its scale.
  func scale(of subspace: TensorFileReader) throws -> [Double] {
    let rank = try subspace.rows(of: .components)
    guard rank > 0 else {
      throw FileError(
        .wrongData, file: subspace.name, object: GroupName.components.path, "has no rows")
    }
    if isotropic { return Array(repeating: priorStd, count: rank) }
    let (values, _) = try subspace.numbers(.singularValues)
    guard values.count == rank, values.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw FileError(
        .wrongData, file: subspace.name, object: "singular_values",
        "should be \(rank) positive numbers, one for each component")
    }
    guard let rows = try subspace.file.integerAttribute("rows"), rows >= 2 else {
      throw FileError(
        .wrongData, file: subspace.name,
        "says nothing of the rows behind its singular values; use --isotropic")
    }
    return values.map { priorStd * $0 / Double(rows - 1).squareRoot() }
  }
}

/// Options of the methods that fit a distribution, and of the grid.
struct FitOptions: ParsableArguments {
  @Option(help: "vi: mean-field or full (default: mean-field).")
  var covariance: GaussianVariational.Covariance?
  @Option(
    help: ArgumentHelp("vi, flow: passes over the training data (default: 100).", valueName: "e"))
  var epochs: Int?
  @Option(
    name: [.long, .customLong("lr")],
    help: ArgumentHelp(
      "vi, flow: Adam's rate, which falls to zero (default: vi 0.05, flow 0.005).",
      valueName: "r"))
  var learningRate: Double?
  @Option(
    help: ArgumentHelp(
      "grid: how far it reaches, in prior standard deviations (default: 3).", valueName: "s"))
  var extent: Double?

  func validate() throws {
    if let epochs, !(1...10_000_000).contains(epochs) {
      throw ValidationError("--epochs must be from 1 to 10000000")
    }
    if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
      throw ValidationError("--learning-rate must be positive")
    }
    if let extent, !(extent > 0 && extent.isFinite) {
      throw ValidationError("--extent must be positive")
    }
  }

  /// Throws `ValidationError` for an option that the method does not have.
  func check(_ method: SubspaceSample.Method) throws {
    if covariance != nil && method != .vi {
      throw ValidationError("--covariance belongs to --method vi")
    }
    if extent != nil && method != .grid {
      throw ValidationError("--extent belongs to --method grid")
    }
    if (epochs != nil || learningRate != nil) && (method.isChain || method == .grid) {
      throw ValidationError("--epochs and --learning-rate belong to --method vi or flow")
    }
  }
}

extension GaussianVariational.Covariance: ExpressibleByArgument {}

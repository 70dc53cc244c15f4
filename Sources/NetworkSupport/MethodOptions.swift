import ArgumentParser
import Objectives
import Optimizers
import ToolSupport
import Training

extension MethodCatalogue {
  /// The method that an option names; `MethodError` becomes a usage error.
  public func chosen(_ text: String) throws -> ChosenMethod<Product> {
    do { return try parse(text) } catch let error as MethodError {
      throw ValidationError("\(error)")
    }
  }
}

extension ChosenMethod {
  /// Makes the product; relations between keys that do not hold become usage errors.
  public func made(for option: String) throws -> Product {
    do { return try make() } catch let error as HyperparameterError {
      throw ValidationError("\(option): \(name): \(error)")
    } catch let error as MethodError { throw ValidationError("\(error)") }
  }
}

/// `--average`, and what snapshots hold.
public struct AverageOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Keep an average of the weights: \(AverageRecipe.catalogue.names), such as ema:decay=0.999.",
      valueName: "method"))
  public var average: String?
  @Flag(help: "Snapshots hold the average of --average instead of the weights.")
  public var snapshotAverage = false
  @Flag(help: "Snapshots hold the mean of all iterates since the one before.")
  public var snapshotMean = false

  public init() {}

  public func validate() throws {
    let chosen = try chosen
    if snapshotAverage && chosen == nil {
      throw ValidationError("--snapshot-average needs --average, such as ema:decay=0.999")
    }
    if snapshotMean && (snapshotAverage || chosen != nil) {
      throw ValidationError("--snapshot-mean is an average of its own; leave --average out")
    }
    if let chosen, !snapshotAverage, try chosen.made(for: "--average").isPassive {
      throw ValidationError(
        "--average \(chosen.name) changes nothing without --snapshot-average")
    }
  }

  /// Throws `ValidationError` where the average does not suit the rule or the run's length.
  public func check(_ training: TrainingOptions) throws {
    guard snapshotMean || average != nil else { return }
    guard try training.recipe.takesSchedule else {
      throw ValidationError(
        "--optimizer \(training.optimizer.prefix { $0 != ":" }) is an average of its own; leave"
          + " \(snapshotMean ? "--snapshot-mean" : "--average") out")
    }
    do {
      _ = try chosen?.made(for: "--average").make(
        AverageRequest(count: 0, epochs: training.epochs) { _, _ in })
    } catch let error as MethodError { throw ValidationError("\(error)") }
  }

  public var chosen: ChosenMethod<AverageRecipe>? {
    get throws { try average.map { try AverageRecipe.catalogue.chosen($0) } }
  }

  /// What a resumed run must have in common with the one it resumes.
  ///
  /// - Parameter epochs: those of the run, which are part of it where the average divides them.
  public func settings(epochs: Int) -> [RunSetting] {
    let chosen = try? chosen
    let spansRun = (try? chosen?.make().spansRun) ?? false
    return [
      RunSetting(
        "--average",
        chosen.map { $0.settings + (spansRun ? " of \(epochs) epochs" : "") } ?? "none",
        standard: "none"),
      RunSetting("--snapshot-average", "\(snapshotAverage)", standard: "false"),
      RunSetting("--snapshot-mean", "\(snapshotMean)", standard: "false"),
    ]
  }
}

/// What `--list-methods` prints: every method with its keys.
public func methodListing() -> String {
  OptimizerMethods.rules.listing + OptimizerMethods.transforms.listing
    + OptimizerMethods.decorators.listing + AverageRecipe.catalogue.listing
}

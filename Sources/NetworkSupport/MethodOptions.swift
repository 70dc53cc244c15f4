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
      "Keep an average of the weights, such as ema:decay=0.999; see --list-methods.",
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
  }

  public var chosen: ChosenMethod<AverageRecipe>? {
    get throws { try average.map { try AverageRecipe.catalogue.chosen($0) } }
  }

  /// What a resumed run must have in common with the one it resumes.
  public var settings: [RunSetting] {
    [
      RunSetting("--average", (try? chosen?.settings) ?? "none", standard: "none"),
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

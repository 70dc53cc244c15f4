import ArgumentParser
import Datasets
import Machine
import NeuralNetworks
import ToolSupport

/// The text of `--version` for tools that run networks.
public func networkVersionText(of tool: String) -> String {
  versionText(of: tool, libraries: ["oneDNN \(oneDNNVersion)"])
}

extension ThreadOptions {
  /// Makes the engine and the loops of `WeightSpace` use that many threads; by default no more than
  /// OpenMP's variables say.
  public func applyToNetworks() {
    apply()
    setNetworkThreads(threads ?? Processors.availableToOpenMP)
  }
}

/// `--augment crop,flip`.
public struct AugmentationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Random crops of 4 padded pixels and flips of the images.", valueName: "crop,flip"))
  public var augment: String?

  public init() {}

  public func validate() throws { _ = try parsed() }

  /// Throws `ValidationError` for an unknown word.
  public func parsed() throws -> Augmentation {
    guard let augment else { return .none }
    do { return try Augmentation.parse(augment) } catch { throw ValidationError("\(error)") }
  }

  /// The augmentation for that data set; throws where it has no images.
  public func augmentation(for dataset: Dataset) throws -> Augmentation {
    let augmentation = try parsed()
    guard augmentation.isNone || dataset.isImages else {
      throw ValidationError(
        "--augment needs images, but examples of \(dataset.name) have shape \(dataset.inputShape)")
    }
    return augmentation
  }
}

/// `--batch-size B` of tools that only predict.
public struct BatchSizeOptions: ParsableArguments {
  @Option(
    name: [.customShort("b"), .long],
    help: ArgumentHelp("Examples that go through the network together.", valueName: "n"))
  public var batchSize = 128

  public init() {}

  public func validate() throws {
    if batchSize < 1 { throw ValidationError("--batch-size must be at least 1") }
  }
}

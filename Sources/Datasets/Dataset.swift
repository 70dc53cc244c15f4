/// Examples with their targets, held in memory as they are stored in the file.
///
/// Nothing is normalised here: the constants travel with the data and are applied by
/// `BatchLoader`, so that a data set is as small as its source (bytes stay bytes) and two data
/// sets can share the constants of one of them.
public struct Dataset: Sendable {
  /// All examples one after the other in row-major order: images as N, C, H, W, otherwise
  /// N, features.
  public enum Inputs: Sendable, Equatable {
    case bytes([UInt8])
    case floats([Float])

    /// The number of elements of all examples together.
    public var count: Int {
      switch self {
      case .bytes(let elements): elements.count
      case .floats(let elements): elements.count
      }
    }
  }

  /// What is to be predicted.
  public enum Targets: Sendable, Equatable {
    /// Classification: one class per example, from 0.
    case classes([Int32])
    /// Regression: `width` values per example in their own units, [N, width] row-major.
    case values([Float], width: Int)
  }

  /// Where the data came from; begins error messages.
  public var name: String
  /// The number of examples N.
  public let count: Int
  /// One example's shape: [C, H, W] or [features].
  public let inputShape: [Int]
  public let inputs: Inputs
  public let targets: Targets
  /// Whether there are targets; without, they are classes that say nothing.
  public var isLabelled = true
  /// The classes' names in the order of their numbers; empty for regression and where the file
  /// does not name them.
  public var classNames: [String]
  /// The constants of `(x − mean) / std`, one per channel of an image or per feature; for bytes
  /// on the 0–1 scale (x = byte / 255). Empty: inputs are taken as they are (bytes as byte / 255).
  public var inputMean: [Float] = []
  public var inputStd: [Float] = []
  /// The same for the targets of a regression, one per output; empty: as they are.
  public var targetMean: [Float] = []
  public var targetStd: [Float] = []
  /// The features' names, one for each; empty where they have none.
  public var featureNames: [String] = []
  /// A name for each example, such as its file's; empty where they have none.
  public var exampleNames: [String] = []
  /// The commands that led to the data, newest first.
  public var history: [String] = []

  /// A data set without constants.
  ///
  /// - Precondition: the elements are a whole number of examples of `inputShape`, and there is
  ///   one target per example. Readers check this before and throw.
  public init(
    name: String, inputShape: [Int], inputs: Inputs, targets: Targets, classNames: [String] = []
  ) {
    switch targets {
    case .classes(let classes): count = classes.count
    case .values(let values, let width):
      precondition(width > 0 && values.count % width == 0, "targets are not whole rows")
      count = values.count / width
    }
    precondition(
      inputs.count == count * inputShape.reduce(1, *), "inputs and targets differ in number")
    self.name = name
    self.inputShape = inputShape
    self.inputs = inputs
    self.targets = targets
    self.classNames = classNames
  }

  /// The same with other inputs or targets; all else stays as it is.
  ///
  /// - Parameter rows: of which examples, where these are some only; all by default.
  func replacing(
    inputs: Inputs? = nil, shape: [Int]? = nil, targets: Targets? = nil,
    classNames: [String]? = nil, rows: [Int]? = nil
  ) -> Dataset {
    var result = Dataset(
      name: name, inputShape: shape ?? inputShape, inputs: inputs ?? self.inputs,
      targets: targets ?? self.targets, classNames: classNames ?? self.classNames)
    result.isLabelled = isLabelled
    (result.inputMean, result.inputStd) = (inputMean, inputStd)
    (result.targetMean, result.targetStd) = (targetMean, targetStd)
    result.featureNames = featureNames
    result.exampleNames =
      exampleNames.isEmpty ? [] : rows.map { $0.map { exampleNames[$0] } } ?? exampleNames
    result.history = history
    return result
  }

  /// The same without targets. Their constants and the classes' names stay, for predictions in their
  /// units and under their names.
  public var unlabelled: Dataset {
    var result = replacing(targets: .classes(Array(repeating: 0, count: count)))
    result.isLabelled = false
    return result
  }

  /// A data set that is known but for the elements of its inputs: these are none, of the file's type.
  init(outline labels: Dataset, inputShape: [Int], inputs: Inputs) {
    name = labels.name
    count = labels.count
    self.inputShape = inputShape
    self.inputs = inputs
    targets = labels.targets
    classNames = labels.classNames
    isLabelled = labels.isLabelled
    featureNames = labels.featureNames
    exampleNames = labels.exampleNames
  }

  /// The number of elements of one example.
  public var featureCount: Int { inputShape.reduce(1, *) }

  /// Images have three axes: channels, rows, columns.
  public var isImages: Bool { inputShape.count == 3 }

  /// The number of groups of features that share a mean and a standard deviation: the channels
  /// of images, otherwise every feature for itself.
  public var channelCount: Int { isImages ? inputShape[0] : featureCount }

  public var isClassification: Bool {
    if case .classes = targets { true } else { false }
  }

  /// The number of classes C: those named, else one more than the largest label; 0 for
  /// regression. Cost: O(1) with names, O(N) without.
  public var classCount: Int {
    guard case .classes(let classes) = targets else { return 0 }
    return classNames.isEmpty ? Int(classes.max() ?? -1) + 1 : classNames.count
  }

  /// The number of values a network has to predict: classes C, or the width of the targets.
  public var outputCount: Int {
    if case .values(_, let width) = targets { width } else { classCount }
  }
}

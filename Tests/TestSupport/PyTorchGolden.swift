import Foundation

/// What PyTorch computes in float64 for a published network: a file that
/// Tests/NeuralNetworksTests/Goldens/make-pytorch.py made, which says what the numbers are.
public struct PyTorchGolden: Decodable, Sendable {
  /// A tensor of the network: where its `Formula` lies, and its gradient's traces.
  public struct Tensor: Decodable, Sendable {
    public let name: String
    public let shape: [Int]
    let centre: Double
    let spread: Double
    /// Euclidean norm of the gradient.
    public let norm: Double
    /// Products of the gradient with `direction(1)` and `direction(2)`.
    public let products: [Double]
    /// Elements i · count / samples.count of the gradient.
    public let samples: [Double]

    public var count: Int { shape.reduce(1, *) }
    public func samplePosition(_ i: Int) -> Int { i * count / samples.count }
  }

  /// A running mean or variance, and what it is after one pass in training mode.
  public struct Statistic: Decodable, Sendable {
    public let name: String
    public let shape: [Int]
    let centre: Double
    let spread: Double
    public let after: [Double]
  }

  /// Ten steps on the one batch in training mode: the loss before each.
  public struct Steps: Decodable, Sendable {
    public let rate: Double
    public let momentum: Double
    public let weightDecay: Double
    public let losses: [Double]
  }

  /// The network as the tools name it, its input and its outputs.
  public let model: String
  public let input: [Int]
  public let outputs: Int
  /// Examples in the batch.
  public let count: Int
  let salt: Int
  /// cross-entropy or gaussian.
  public let loss: String
  /// The least distance of a ReLU's input from 0, and between the two largest of a pooling window.
  public let margin: Double
  /// [count, outputs].
  public let outputsInEvaluation: [Double]
  public let outputsInTraining: [Double]
  public let lossInEvaluation: Double
  public let lossInTraining: Double
  public let tensors: [Tensor]
  public let statistics: [Statistic]
  public let sgd: Steps?

  /// All that have a file.
  public static let names = [
    "mlp", "lenet5", "preresnet8", "preresnet20", "wrn10x1", "regnet", "preresnet56", "convfc",
    "vgg16", "vgg16bn",
  ]

  /// Throws where the file is not there or damaged.
  public init(_ name: String) throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../NeuralNetworksTests/Goldens/pytorch-\(name).json")
    self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
  }

  /// [count, input].
  public var inputs: [Float] {
    Formula.array(
      "inputs", salt: salt, count: count * input.reduce(1, *), centre: 0, spread: 2)
  }

  /// One class for each example.
  public var classes: [Int32] { (0..<count).map { Int32((7 * $0 + 3) % outputs) } }

  /// One number for each example, of a regression.
  public var values: [Float] {
    Formula.array("targets", salt: salt, count: count, centre: 0, spread: 2)
  }

  public func weights(_ tensor: Tensor) -> [Float] {
    Formula.array(
      tensor.name, salt: salt, count: tensor.count, centre: tensor.centre, spread: tensor.spread)
  }

  public func values(_ statistic: Statistic) -> [Float] {
    Formula.array(
      statistic.name, salt: salt, count: statistic.shape.reduce(1, *), centre: statistic.centre,
      spread: statistic.spread)
  }

  /// Direction 1 or 2, with which a gradient's product is kept: elements in [−1, 1).
  public func direction(_ number: Int, _ tensor: Tensor) -> [Double] {
    Formula.array("direction \(number) \(tensor.name)", salt: salt, count: tensor.count)
  }
}

import Datasets
import NetworkSupport
import NeuralNetworks
import TestSupport
import Testing

/// Whether data and network suit each other.
@Suite struct DataOperandTests {
  static func network(_ outputs: Int, gaussian: Bool = false) throws -> Network {
    let last = gaussian ? #", {"name": "noise", "type": "gaussian"}"# : ""
    return try Network(
      Architecture(
        json: """
          {"name": "net", "input": [3], "outputs": \(outputs), "layers": [
            {"name": "fc", "type": "dense", "outputs": \(outputs)}\(last)]}
          """))
  }

  static func data(_ targets: Dataset.Targets, shape: [Int] = [3]) -> Dataset {
    Dataset(
      name: "data.h5", inputShape: shape,
      inputs: .floats([Float](repeating: 1, count: 2 * shape.reduce(1, *))), targets: targets)
  }

  @Test func whatSuits() throws {
    try Self.data(.classes([0, 4])).check(fits: Self.network(5), loss: .crossEntropy)
    try Self.data(.values([1, 2, 3, 4], width: 2)).check(
      fits: Self.network(2), loss: .squaredError)
    try Self.data(.values([1, 2, 3, 4], width: 2)).check(
      fits: Self.network(4, gaussian: true), loss: .gaussian)
  }

  @Test func whatDoesNot() throws {
    let five = try Self.network(5)
    func words(_ data: Dataset, _ network: Network, _ loss: Loss) -> String? {
      message { try data.check(fits: network, loss: loss) }
    }
    #expect(
      words(Self.data(.classes([0, 1]), shape: [1, 3, 1]), five, .crossEntropy)
        == "data.h5: inputs: examples have shape [1, 3, 1], but net reads [3]")
    #expect(
      words(Self.data(.classes([4, 5])), five, .crossEntropy)
        == "data.h5: targets: class 5 in row 1, but the network has 5 outputs")
    #expect(
      words(Self.data(.classes([0, -1])), five, .crossEntropy)?.contains("class -1 in row 1")
        == true)
    #expect(
      words(Self.data(.classes([0, 1])), five, .squaredError)
        == "data.h5: targets: are classes, but the loss squared-error needs real numbers")
    let values = Self.data(.values([1, 2], width: 1))
    #expect(words(values, five, .crossEntropy)?.contains("cross-entropy needs classes") == true)
    #expect(
      words(values, five, .squaredError)
        == "data.h5: targets: 1 per example, but the network predicts 5")
    // A variance is more than a second output: -ln of one that is negative is no number.
    #expect(
      words(values, try Self.network(2), .gaussian)
        == "data.h5: targets: 1 per example, but net predicts no variances of them; end it with a"
        + " gaussian layer, or use --loss squared-error")
    #expect(
      words(values, try Self.network(4, gaussian: true), .gaussian)
        == "data.h5: targets: 1 per example, but the network predicts 2")
  }

  @Test func theLossThatSuits() throws {
    let values = Self.data(.values([1, 2], width: 1))
    #expect(Self.data(.classes([0, 1])).loss(for: try Self.network(2)) == .crossEntropy)
    #expect(values.loss(for: try Self.network(1)) == .squaredError)
    #expect(values.loss(for: try Self.network(2, gaussian: true)) == .gaussian)
  }
}

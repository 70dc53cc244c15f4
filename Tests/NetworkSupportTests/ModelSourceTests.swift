import NetworkSupport
import NeuralNetworks
import TestSupport
import Testing
import WeightSpace

/// Which network is built: that of `--model`, of a JSON file or of the weight file.
@Suite struct ModelSourceTests {
  let folder = Folder()

  static let json = """
    {"name": "own", "input": [4], "outputs": 3, "layers": [
      {"name": "a", "type": "dense", "outputs": 5},
      {"name": "d", "type": "dropout", "probability": 0.5},
      {"name": "b", "type": "dense", "outputs": 3}]}
    """

  @Test func builtIn() throws {
    let network = try ModelSource(model: "mlp:7").network(input: [1, 2, 2], outputs: 3)
    #expect(network.parameterCount == 4 * 7 + 7 + 7 * 3 + 3)
    #expect(try ModelSource(model: "mlp:7").network(input: [4]).outputCount == 1)
    #expect(
      message { _ = try ModelSource(model: "lenet6").network(input: [4], outputs: 3) }?
        .contains("no network is called \"lenet6\"") == true)
  }

  /// `--model` is stronger than what the file says.
  @Test func storedAndNamed() throws {
    let stored = try ModelSource(model: nil).network(stored: Self.json, input: [9])
    #expect(stored.architecture.name == "own" && stored.inputShape == [4])
    let named = try ModelSource(model: "mlp:7").network(
      stored: Self.json, input: [4], outputs: 3)
    #expect(named.architecture.name == "mlp:7")
    #expect(
      message { _ = try ModelSource(model: nil).network(input: [4], file: "w.h5") }
        == "w.h5: says nothing of its network; name it with --model, such as --model preresnet20")
    #expect(
      message {
        _ = try ModelSource(model: nil).network(stored: "{\"name\": 3}", input: [4], file: "w.h5")
      }?.hasPrefix("w.h5: architecture: ") == true)
  }

  @Test func files() throws {
    let path = folder.write("own.json", Self.json)
    #expect(try ModelSource(model: path).network(input: [4]).hasDropout)
    // --dropout sets that of every dropout layer.
    #expect(try !ModelSource(model: path, dropout: 0).network(input: [4]).hasDropout)
    let none = folder.file("none.json")
    #expect(
      message { _ = try ModelSource(model: none).network(input: [4]) }?
        .lowercased() == "\(none): no such file or directory".lowercased())
    let bad = folder.write("bad.json", "{")
    #expect(
      message { _ = try ModelSource(model: bad).network(input: [4]) }?.hasPrefix("\(bad): ")
        == true)
  }

  /// Weights say how many outputs a built-in network has.
  @Test func outputsOfWeights() throws {
    for (model, outputs, variance) in [
      ("mlp:6", 11, false), ("regnet:6", 2, true), ("regnet:6", 1, false), ("regnet:6", 2, false),
      ("regnet:6", 6, true), ("regnet:6", 6, false),
    ] {
      let original = try Network(
        Architecture(name: model, input: [4], outputs: outputs, predictingVariance: variance))
      #expect(original.predictsVariance == variance && original.outputCount == outputs)
      let found = try ModelSource(model: model).network(
        input: [4], weights: original.parameterLayout)
      #expect(found.parameterLayout == original.parameterLayout, "\(model) \(outputs)")
    }
  }

  @Test func moreThanTheMachineHas() throws {
    let network = try Network(Architecture(name: "mlp:1000", input: [1000], outputs: 10))
    try network.checkMemory(vectors: 3, for: "training")
    let words = message { try network.checkMemory(vectors: 1 << 30, for: "training") }
    #expect(words?.contains("training takes") == true && words?.contains("GiB") == true)
  }
}

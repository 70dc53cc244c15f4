import TestSupport
import Testing
import WeightSpace

@testable import NeuralNetworks

/// The built-in networks' sizes, and what bad architectures are told.
@Suite struct ArchitectureTests {
  @Test func numbersThatAreNotWhole() {
    for number in ["2.5", "1e30"] {
      let json = """
        {"name":"n","input":[2],"outputs":2,"layers":[{"name":"0","type":"dense","outputs":\(number)}]}
        """
      #expect(message { _ = try Architecture(json: json) }?.contains("no whole number") == true)
    }
  }

  /// Parameter and tensor counts of the published models.
  @Test(arguments: [
    ("vgg16", 10, 15_245_130, 32), ("vgg16", 100, 15_291_300, 32),
    ("vgg16bn", 10, 15_253_578, 58), ("vgg16bn", 100, 15_299_748, 58),
    ("vgg19", 10, 20_554_826, 38), ("vgg19", 100, 20_600_996, 38),
    ("vgg19bn", 10, 20_565_834, 70), ("vgg19bn", 100, 20_612_004, 70),
    ("preresnet8", 10, 77_850, 25), ("preresnet8", 100, 83_700, 25),
    ("preresnet56", 10, 590_426, 170), ("preresnet56", 100, 613_556, 170),
    ("preresnet83", 10, 868_634, 251), ("preresnet83", 100, 891_764, 251),
    ("preresnet110", 10, 1_146_842, 332), ("preresnet110", 100, 1_169_972, 332),
    ("preresnet164", 10, 1_703_258, 494), ("preresnet164", 100, 1_726_388, 494),
    ("wrn28x10", 10, 36_489_290, 108), ("wrn28x10", 100, 36_546_980, 108),
    ("convfc", 10, 2_422_634, 12),
  ])
  func publishedSizes(_ model: String, _ classes: Int, _ parameters: Int, _ tensors: Int) throws {
    let network = try Network(Architecture(name: model, input: [3, 32, 32], outputs: classes))
    #expect(network.parameterCount == parameters)
    #expect(network.parameterLayout.slots.count == tensors)
  }

  @Test func publishedSizesOfOtherInputs() throws {
    let lenet = try Network(Architecture(name: "lenet5", input: [1, 28, 28], outputs: 10))
    #expect(lenet.parameterCount == 431_080 && lenet.parameterLayout.slots.count == 8)
    let toy = try Network(Architecture(name: "regnet:200,50,50,50", input: [2], outputs: 1))
    #expect(toy.parameterCount == 15_801 && toy.parameterLayout.slots.count == 10)
    let mlp = try Network(Architecture(name: "mlp:500,500", input: [1, 28, 28], outputs: 10))
    #expect(mlp.parameterCount == 784 * 500 + 500 + 500 * 500 + 500 + 5010)
  }

  /// A state dict's statistics without its counters: 13 BatchNorm layers of VGG16BN, 163 of
  /// PreResNet164 (983 entries − 494 parameters = 3 × 163), 25 of WideResNet28x10 (183 − 108).
  @Test(arguments: [("vgg16bn", 13), ("preresnet164", 163), ("wrn28x10", 25), ("vgg16", 0)])
  func publishedStatistics(_ model: String, _ layers: Int) throws {
    let network = try Network(Architecture(name: model, input: [3, 32, 32], outputs: 10))
    #expect(network.bufferLayout.slots.count == 2 * layers)
    #expect(network.hasBatchNormalization == (layers > 0))
  }

  @Test(arguments: TestNetworks.names)
  func jsonRoundTrip(_ name: String) throws {
    let network = try TestNetworks.network(name)
    let again = try Network(Architecture(json: network.architecture.json()))
    #expect(again.architecture == network.architecture)
    #expect(again.parameterLayout == network.parameterLayout)
    let described = try Network(Architecture(json: network.describe()))
    #expect(described.parameterLayout == network.parameterLayout)
  }

  /// A built-in network written out layer by layer is the same network.
  @Test(arguments: ["preresnet20", "wrn10x1", "vgg16bn", "convfc"])
  func describedNetworksAreTheSame(_ model: String) throws {
    let network = try Network(Architecture(name: model, input: [3, 32, 32], outputs: 10))
    let described = try Network(Architecture(json: network.describe()))
    #expect(described.parameterLayout == network.parameterLayout)
    #expect(described.bufferLayout == network.bufferLayout)
    #expect(described.initialWeights(seed: 4).elements == network.initialWeights(seed: 4).elements)
  }

  static let dense = #"{"name": "fc", "type": "dense", "outputs": 2}"#
  static let mistakes: [(json: String, words: [String])] = [
    ("", ["JSON"]),
    ("{\"name\": ", ["JSON"]),
    (#"{"name": "x", "input": [4], "outputs": 2, "lairs": []}"#, ["lairs", "layers"]),
    (
      layers(input: "[4]", #"{"name": "fc", "type": "dense", "output": 2}"#),
      ["layers.0", "\"output\"", "outputs"]
    ),
    (layers(input: "[4]", #"{"name": "fc", "type": "dense", "outputs": 1e99}"#), ["JSON"]),
    (layers(input: "[4]", #"{"name": "fc", "type": "dense", "outputs": 2.5}"#), ["JSON"]),
    (
      layers(
        input: "[4]", #"{"name": "fc", "type": "dense", "outputs": 2, "initialization": "x"}"#),
      ["layers.0.initialization"]
    ),
    ("[]", ["architecture"]),
    (#"{"name": "x"}"#, ["\"input\" is missing"]),
    (
      layers(input: "[4]", #"{"name": "fc", "type": "dense", "outputs": 3}"#),
      ["[3]", "outputs is 2"]
    ),
    (layers(input: "[4]", ""), ["no layers"]),
    (layers(input: "[]", dense), ["input []"]),
    (layers(input: "[2, 3]", dense), ["input [2, 3]"]),
    (layers(input: "[0]", dense), ["input [0]"]),
    (layers(input: "[-4]", dense), ["input [-4]"]),
    (layers(input: "[3, 8, 8]", dense), ["layer fc", "flatten"]),
    (
      layers(input: "[4]", #"{"name": "fc", "type": "denze", "outputs": 2}"#),
      ["layers.0.type", "dense"]
    ),
    (
      layers(input: "[4]", #"{"name": "fc", "type": "dense"}"#),
      ["layer fc", "\"outputs\" is missing"]
    ),
    (
      layers(input: "[4]", #"{"name": "fc", "type": "dense", "outputs": -2}"#),
      ["layer fc", "outputs"]
    ),
    (
      layers(input: "[4]", #"{"name": "fc", "type": "dense", "outputs": "2"}"#),
      ["layers.0.outputs"]
    ),
    (
      layers(
        input: "[4]", #"{"name": "fc", "type": "dense", "outputs": 2, "inputs": ["nowhere"]}"#),
      ["layer fc", "nowhere"]
    ),
    (
      layers(input: "[4]", #"{"name": "fc", "type": "dense", "outputs": 2, "inputs": []}"#),
      ["layer fc", "no inputs"]
    ),
    (layers(input: "[4]", dense + "," + dense), ["two layers", "fc"]),
    (layers(input: "[4]", #"{"name": "input", "type": "relu"},"# + dense), ["input"]),
    (
      layers(input: "[1, 4, 4]", #"{"name": "c", "type": "convolution", "outputs": 2}"#),
      ["layer c", "\"kernel\" is missing"]
    ),
    (
      layers(
        input: "[1, 4, 4]", #"{"name": "c", "type": "convolution", "outputs": 2, "kernel": 5}"#),
      ["layer c", "window"]
    ),
    (
      layers(
        input: "[1, 4, 4]",
        #"{"name": "c", "type": "convolution", "outputs": 2, "kernel": 3, "stride": 0}"#),
      ["layer c", "stride 0"]
    ),
    (
      layers(
        input: "[1, 4, 4]",
        #"{"name": "c", "type": "convolution", "outputs": 2, "kernel": 9223372036854775807}"#),
      ["layer c"]
    ),
    (
      layers(
        input: "[1, 4, 4]",
        #"{"name": "c", "type": "convolution", "outputs": 9223372036854775807, "kernel": 1}"#),
      ["layer c"]
    ),
    (layers(input: "[4294967296, 4294967296, 4294967296]", dense), ["input"]),
    (
      layers(input: "[4]", #"{"name": "d", "type": "dropout", "probability": 1.5},"# + dense),
      ["layer d", "probability"]
    ),
    (layers(input: "[4]", #"{"name": "n", "type": "batch-norm"},"# + dense), ["layer n", "[4]"]),
    (
      layers(input: "[1, 4, 4]", #"{"name": "n", "type": "batch-norm", "epsilon": -1},"# + dense),
      ["layer n", "epsilon"]
    ),
    (
      layers(input: "[1, 4, 4]", #"{"name": "n", "type": "batch-norm", "momentum": 7},"# + dense),
      ["layer n", "momentum"]
    ),
    (
      layers(
        input: "[1, 4, 4]", #"{"name": "n", "type": "batch-norm", "momentum": null},"# + dense),
      ["momentum", "null"]
    ),
    (
      layers(input: "[4]", dense + #",{"name": "a", "type": "add", "inputs": ["fc", "input"]}"#),
      ["layer a", "one shape"]
    ),
    (
      layers(input: "[4]", dense + #",{"name": "a", "type": "add", "inputs": ["fc"]}"#),
      ["layer a", "two or more"]
    ),
    (
      layers(
        input: "[2, 4, 4]",
        #"{"name": "p", "type": "max-pool", "kernel": 2},{"name": "j", "type": "concat", "inputs": ["p", "input"]}"#
      ),
      ["layer j", "channels"]
    ),
    (layers(input: "[3]", #"{"name": "g", "type": "gaussian"}"#), ["layer g"]),
    (
      layers(
        input: "[4]",
        #"{"name": "unused", "type": "dense", "outputs": 3},"#
          + #"{"name": "fc", "type": "dense", "outputs": 2, "inputs": ["input"]}"#),
      ["layer unused"]
    ),
    (layers(input: "[2]", #"{"name": "r", "type": "relu"}"#), ["no layer", "parameters"]),
    (layers(input: "[4]", #"{"name": "a/b", "type": "dense", "outputs": 2}"#), ["a/b"]),
    (layers(input: "[4]", #"{"name": "", "type": "dense", "outputs": 2}"#), ["name"]),
  ]

  static func layers(input: String, _ layers: String) -> String {
    "{\"name\": \"x\", \"input\": \(input), \"outputs\": 2, \"layers\": [\(layers)]}"
  }

  @Test(arguments: mistakes.indices)
  func mistakesAreNamed(_ index: Int) {
    let (json, words) = Self.mistakes[index]
    do {
      _ = try Network(Architecture(json: json))
      Issue.record("accepted: \(json)")
    } catch let error as NetworkError {
      for word in words {
        #expect(error.description.contains(word), "\(json): \(error.description)")
      }
      #expect(!error.description.contains("\n"))
    } catch {
      Issue.record("\(json): \(error)")
    }
  }

  @Test(arguments: [
    "resnet20", "preresnet", "preresnet21", "preresnet45", "wrn28", "wrn27x10", "wrn28x0", "mlp",
    "mlp:", "mlp:5,", "mlp:0", "mlp:-3", "regnet:", "vgg17", "lenet", "",
  ])
  func unknownNames(_ name: String) {
    #expect(throws: NetworkError.self) {
      try Network(Architecture(name: name, input: [3, 32, 32], outputs: 10))
    }
  }

  @Test(arguments: [
    ("preresnet20", [1, 28, 28]), ("vgg16", [3, 31, 32]), ("wrn10x1", [3072]),
    ("lenet5", [1, 8, 8]),
    ("convfc", [3, 5, 5]), ("lenet5", [784]),
  ])
  func inputsThatDoNotSuit(_ name: String, _ input: [Int]) {
    #expect(throws: NetworkError.self) {
      try Network(Architecture(name: name, input: input, outputs: 10))
    }
  }

  /// Dropout changes nothing of a network's parameters: before both convolutions of nine blocks, two
  /// shortcuts and the last layer, and in prediction nowhere.
  @Test func dropoutOfPreResNet() throws {
    func network(_ dropout: Double?) throws -> Network {
      try Network(
        Architecture(name: "preresnet20", input: [3, 32, 32], outputs: 10, dropout: dropout))
    }
    let (plain, dropped) = (try network(nil), try network(0.1))
    #expect(!plain.hasDropout && dropped.hasDropout)
    #expect(dropped.parameterLayout == plain.parameterLayout)
    #expect(dropped.bufferLayout == plain.bufferLayout)
    let layers = try dropped.architecture.expandedLayers()
    #expect(layers.count { $0.type == .dropout } == 21)
    #expect(try layers.count - plain.architecture.expandedLayers().count == 21)
    let inputs: [Float] = (0..<6144).map { (i: Int) -> Float in Float((i * 37) % 101) / 50 - 1 }
    let outputs = try [plain, dropped].map { network -> [Float] in
      let predictor = try Predictor(network, batchSize: 2)
      predictor.load { weights, buffers in
        weights.copy(from: network.initialWeights(seed: 3))
        buffers.copy(from: network.initialBuffers())
      }
      return predictor.predict(inputs, count: 2) { outputs in
        outputs.indices.map { outputs[$0] }
      }
    }
    #expect(outputs[0] == outputs[1])
  }
}

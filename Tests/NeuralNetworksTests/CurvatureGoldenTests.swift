import Foundation
import Objectives
import TestSupport
import Testing
import WeightSpace

@testable import NeuralNetworks

/// Products with the Hessian and the Gauss-Newton matrix beside PyTorch's double backward in
/// float64: files that Goldens/make-curvature.py made.
@Suite struct CurvatureGoldenTests {
  struct Golden: Decodable {
    struct Trace: Decodable {
      let norm: Double
      let products: [Double]
      let samples: [Double]
    }
    struct Product: Decodable {
      let name: String
      let hessian: Trace
      let gaussNewton: Trace
    }
    struct Mode: Decodable {
      let loss: Double
      let tensors: [Product]
    }
    struct Tensor: Decodable {
      let name: String
      let shape: [Int]
      let centre: Double
      let spread: Double
      var count: Int { shape.reduce(1, *) }
    }
    let architecture: String
    let count: Int
    let salt: Int
    let training: Mode
    let evaluation: Mode
    let tensors: [Tensor]
    let statistics: [Tensor]

    init(_ name: String) throws {
      let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Goldens/curvature-\(name).json")
      self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
    }

    func vector(_ tensors: [Tensor]) -> WeightVector {
      WeightVector(
        tensors.flatMap {
          Formula.array(
            $0.name, salt: salt, count: $0.count, centre: $0.centre, spread: $0.spread)
        })
    }

    var direction: WeightVector {
      WeightVector(
        tensors.flatMap {
          Formula.array("v \($0.name)", salt: salt, count: $0.count, centre: 0, spread: $0.spread)
        })
    }
  }

  /// Each tensor's part of a product to 1e-4 of its norm, as gradients: its norm, its products with
  /// two directions (to 2.4 times that) and some of its elements. The part of a bias before
  /// BatchNorm is nothing but rounding.
  @Test(arguments: ["lenet5", "preresnet8", "small-vgg"], [ObjectiveMode.training, .evaluation])
  func products(_ name: String, _ mode: ObjectiveMode) throws {
    let golden = try Golden(name)
    let network = try Network(Architecture(json: golden.architecture))
    try #require(golden.tensors.map(\.name) == network.parameterLayout.slots.map(\.name))
    try #require(golden.statistics.map(\.name) == network.bufferLayout.slots.map(\.name))
    let objective = try NetworkObjective(network, loss: .crossEntropy, mode: mode)
    if mode == .evaluation { objective.setStatistics(golden.vector(golden.statistics)) }
    let batch = NetworkBatch(
      inputs: Formula.array(
        "inputs", salt: golden.salt, count: golden.count * network.inputShape.reduce(1, *),
        centre: 0, spread: 2),
      targets: .classes((0..<golden.count).map { Int32((7 * $0 + 3) % 10) }), count: golden.count)
    let weights = golden.vector(golden.tensors)
    let direction = golden.direction
    let expected = mode == .training ? golden.training : golden.evaluation
    var product = WeightVector(count: weights.count)
    let result = try objective.hessianProduct(
      at: weights, along: direction, batch, Step(), product: &product)
    #expect(abs(result.loss - expected.loss) < 3e-5 * max(1, expected.loss))
    compare(product, expected.tensors.map { ($0.name, $0.hessian) }, network, golden.salt, "H")
    _ = try objective.gaussNewtonProduct(
      at: weights, along: direction, batch, Step(), product: &product)
    compare(product, expected.tensors.map { ($0.name, $0.gaussNewton) }, network, golden.salt, "G")
  }

  private func compare(
    _ product: borrowing WeightVector, _ traces: [(name: String, trace: Golden.Trace)],
    _ network: Network, _ salt: Int, _ matrix: String
  ) {
    let elements = product.elements
    let largest = traces.map(\.trace.norm).max()!
    for ((name, trace), slot) in zip(traces, network.parameterLayout.slots) {
      let place = "\(matrix), \(name)"
      let found = elements[slot.range].map { Double($0) }
      let allowed = max(1e-4 * trace.norm, 1e-6 * largest)
      let norm = found.reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(abs(norm - trace.norm) < allowed, "\(place): norm \(norm), not \(trace.norm)")
      for (number, expected) in zip(1..., trace.products) {
        let direction = Formula.array("direction \(number) \(name)", salt: salt, count: found.count)
        let dot = zip(found, direction).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(dot - expected) < 2.4 * allowed, "\(place): product \(dot), not \(expected)")
      }
      for (i, expected) in trace.samples.enumerated() {
        let value = found[i * found.count / trace.samples.count]
        #expect(abs(value - expected) < allowed, "\(place): sample \(i) is \(value)")
      }
    }
  }
}

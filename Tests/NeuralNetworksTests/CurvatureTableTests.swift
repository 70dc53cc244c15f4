import Objectives
import TestSupport
import Testing
import WeightSpace

@testable import NeuralNetworks

/// Products with the Hessian and the Gauss-Newton matrix of the smallest networks, beside numbers that
/// double backward in float64 gave.
@Suite struct CurvatureTableTests {
  static func mlp(_ activation: String) throws -> Network {
    try Network(
      Architecture(
        json: """
          {"name": "golden", "input": [2], "outputs": 2, "layers": [
            {"name": "a", "type": "dense", "outputs": 2}, {"name": "s", "type": "\(activation)"},
            {"name": "b", "type": "dense", "outputs": 2}]}
          """))
  }

  static let golden:
    [(activation: String, loss: Double, h: [Float], g: [Float], traces: [Double])] =
      [
        (
          "tanh", 0.4400922572,
          [
            0.06434459, -0.13594331, 0.39912522, 0.14400108, -0.01211827, 0.65227742, 0.24364806,
            0.23669755, -0.24364806, -0.23669755, -0.20913388, 0.20913388,
          ],
          [
            -0.10774506, -0.04059369, 0.21054508, 0.01947234, -0.17735175, 0.30246237, -0.07631308,
            0.00733387, 0.07631308, -0.00733387, -0.20913388, 0.20913388,
          ], [2.4363620319, 1.8129169934]
        ),
        (
          "relu", 0.4647267423,
          [
            0.16211359, -0.18820376, 0.04613984, 0.12303957, 0.08316320, 0.15379946, 0.34055450,
            0.42607085, -0.34055450, -0.42607085, 0.07560291, -0.07560291,
          ],
          [
            0.16211359, -0.18820376, 0.04613984, 0.12303957, 0.08316320, 0.15379946, 0.13257658,
            -0.01845594, -0.13257658, 0.01845594, 0.07560291, -0.07560291,
          ], [1.6140081219, 1.6140081219]
        ),
      ]

  /// Two examples, two layers, all in closed form (computed in Double by double backward).
  @Test(arguments: golden.indices)
  func goldenTable(_ index: Int) throws {
    let golden = Self.golden[index]
    let network = try Self.mlp(golden.activation)
    let objective = try NetworkObjective(network, loss: .crossEntropy)
    let weights = WeightVector([0.5, -0.3, 0.2, 0.4, 0.1, -0.2, 0.7, -0.6, -0.4, 0.9, 0, 0.05])
    let batch = NetworkBatch(inputs: [1, -0.5, 0.3, 0.8], targets: .classes([0, 1]), count: 2)
    var product = WeightVector(count: 12)
    let ones = WeightVector(Array(repeating: 1, count: 12))
    let result = try objective.hessianProduct(
      at: weights, along: ones, batch, Step(), product: &product)
    #expect(abs(result.loss - golden.loss) < 1e-7)
    #expect(relativeError(product.elements, golden.h) < 1e-6)
    _ = try objective.gaussNewtonProduct(at: weights, along: ones, batch, Step(), product: &product)
    #expect(relativeError(product.elements, golden.g) < 1e-6)
    var traces = [0.0, 0.0]
    for i in 0..<12 {
      var unit = WeightVector(count: 12)
      unit[i] = 1
      _ = try objective.hessianProduct(at: weights, along: unit, batch, Step(), product: &product)
      traces[0] += Double(product[i])
      _ = try objective.gaussNewtonProduct(
        at: weights, along: unit, batch, Step(), product: &product)
      traces[1] += Double(product[i])
    }
    for k in 0..<2 { #expect(abs(traces[k] - golden.traces[k]) < 1e-6) }
  }

  /// A 1×1 convolution of four indicator channels makes x = (1, 2, 4, 7) and R{x} = (1, 0, 0, 0) for
  /// the BatchNorm, a dense layer with a squared error makes ḡ = (1, −1, ½, 0) and R{ḡ} = (0, .2, 0,
  /// −.1) of its result; then the convolution's gradient is ḡ_x, and its product R{ḡ_x}.
  @Test func batchNormTable() throws {
    let network = try Network(
      Architecture(
        json: """
          {"name": "norm", "input": [4, 2, 2], "outputs": 1, "layers": [
            {"name": "x", "type": "convolution", "outputs": 1, "kernel": 1, "bias": false},
            {"name": "n", "type": "batch-norm"}, {"name": "flat", "type": "flatten"},
            {"name": "m", "type": "dense", "outputs": 1}]}
          """))
    let y: [Double] = [-1.43663262, -0.78197957, 0.52732652, 2.49128567]
    let ry: [Double] = [-0.11295590, -0.64603067, -0.40287412, -0.03813930]
    let (w, vw): ([Double], [Double]) = ([1, -1, 0.5, 0], [0, 0.2, 0, -0.1])
    let mean = (0..<4).reduce(0.0) { $0 + w[$1] * y[$1] }
    let moved = (0..<4).reduce(0.0) { $0 + w[$1] * ry[$1] + vw[$1] * y[$1] }
    // The bias keeps R{m} at zero, the target makes the loss's slope 2 (m − t) one.
    let weights = WeightVector([1, 2, 4, 7, 1.5, 0.2] + w.map { Float($0) } + [0])
    let direction = WeightVector(
      [1, 0, 0, 0, 0.1, -0.3] + vw.map { Float($0) } + [Float(-moved)])
    var inputs = [Float](repeating: 0, count: 16)
    for k in 0..<4 { inputs[5 * k] = 1 }
    let batch = NetworkBatch(
      inputs: inputs, targets: .values([Float(mean - 0.5)]), count: 1)
    let objective = try NetworkObjective(network, loss: .squaredError)
    var gradient = WeightVector(count: 11)
    var product = WeightVector(count: 11)
    _ = try objective.valueAndGradient(at: weights, batch, Step(), gradient: &gradient)
    _ = try objective.hessianProduct(
      at: weights, along: direction, batch, Step(), product: &product)
    #expect(
      relativeError(
        Array(gradient.elements[..<4]), [0.51437036, -0.77155531, 0.25718510, -1.6e-7]) < 2e-6)
    #expect(
      relativeError(
        Array(product.elements[..<4]), [0.10031322, -0.03239844, 0.02482777, -0.09274256]) < 1e-5)
  }

  /// m = ½, v = 2, y = 1: ∂ = (−¼, .21875), H = [[½, ⅛], [⅛, −.09375]], Fisher = diag(½, ⅛).
  @Test func gaussianLossTable() {
    func product(_ curvature: Loss.Curvature, _ tangent: [Float]) -> [Float] {
      var product: [Float] = [0, 0]
      var span = product.mutableSpan
      let outputs: [Float] = [0.5, 2]
      Loss.gaussian.curvatureProduct(
        curvature, outputs.span, tangent.span, count: 1, width: 2, targets: .values([1]),
        product: &span)
      return product
    }
    #expect(product(.hessian, [1, 0]) == [0.5, 0.125])
    #expect(product(.hessian, [0, 1]) == [0.125, -0.09375])
    #expect(product(.gaussNewton, [1, 0]) == [0.5, 0])
    #expect(product(.gaussNewton, [0, 1]) == [0, 0.125])
  }
}

import HDF5
import Testing
import WeightSpace

@testable import NeuralNetworks

/// What PyTorch computed for a network, read from the shared golden files.
struct Golden {
  static let folder: String = {
    var parts = #filePath.split(separator: "/").dropLast(4)
    parts += ["shared", "golden"]
    return "/" + parts.joined(separator: "/")
  }()

  static func path(_ name: String) -> String { "\(folder)/\(name).h5" }
  static func exists(_ name: String) -> Bool { (try? HDF5File.open(path(name))) != nil }

  let file: HDF5File
  let network: Network
  let loss: Loss
  let batch: NetworkBatch

  init(_ name: String, model: String, outputs: Int) throws {
    file = try HDF5File.open(Self.path(name))
    let inputs = try file.dataset("golden/inputs")
    let count = inputs.shape[0]
    network = try Network(
      Architecture(
        name: model, input: Array(inputs.shape.dropFirst()), outputs: outputs, dropout: 0))
    loss = try file.stringAttribute("loss") == "gaussian" ? .gaussian : .crossEntropy
    let targets: BatchTargets =
      loss == .gaussian
      ? .values(try file.dataset("golden/targets").read(Float.self))
      : .classes(try file.dataset("golden/targets").read(Int32.self))
    batch = NetworkBatch(inputs: try inputs.read(Float.self), targets: targets, count: count)
  }

  func tensor(_ path: String) throws -> [Float] { try file.dataset(path).read(Float.self) }
  func scalar(_ path: String) throws -> Double { try file.dataset(path).read(Double.self)[0] }

  /// The flat vector of a tensor group.
  func vector(_ group: String, _ layout: VectorLayout) throws -> WeightVector {
    var elements: [Float] = []
    for slot in layout.slots { elements += try tensor("\(group)/\(slot.name)") }
    return WeightVector(elements)
  }
}

/// The largest |a − b| relative to the largest |b|.
func relativeError(_ a: [Float], _ b: [Float]) -> Double {
  guard a.count == b.count else { return .infinity }
  let scale = b.map { Double(abs($0)) }.max() ?? 0
  let error = zip(a, b).map { Double(abs($0 - $1)) }.max() ?? 0
  return error / max(scale, .leastNormalMagnitude)
}

/// ‖a − b‖ relative to ‖b‖.
func relativeNorm(_ a: [Float], _ b: [Float]) -> Double {
  var error = 0.0
  var norm = 0.0
  for (x, y) in zip(a, b) {
    error += Double(x - y) * Double(x - y)
    norm += Double(y) * Double(y)
  }
  return a.count == b.count ? (error / max(norm, .leastNormalMagnitude)).squareRoot() : .infinity
}

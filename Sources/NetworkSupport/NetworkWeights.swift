import Files
import NeuralNetworks
import TrajectoryFiles
import WeightSpace

/// The snapshots of a weight file as vectors of a network: tensors matched by name.
public final class NetworkWeights {
  public let reader: TrajectoryReader
  public let network: Network
  private let weightMap: LayoutMap
  private let bufferMap: LayoutMap?
  private var fileWeights: WeightVector
  private var fileBuffers: WeightVector

  /// Builds the network for a file and data of that shape.
  ///
  /// - Throws: `FileError` that names the first tensor that differs; `NetworkError`.
  public init(_ reader: TrajectoryReader, _ source: ModelSource, input: [Int]) throws {
    self.reader = reader
    var network = try source.network(
      stored: reader.architecture, input: input, weights: reader.layout, file: reader.name)
    if try reader.matchWrapper(of: network.parameterLayout) {
      // What the network takes from the weights stood under other names.
      network = try source.network(
        stored: reader.architecture, input: input, weights: reader.layout, file: reader.name)
    }
    self.network = network
    let expected = network.architecture.name
    if let (tensor, problem) = network.parameterLayout.firstDifference(
      from: reader.layout, named: reader.name)
    {
      throw FileError(
        .wrongData, file: reader.name, object: GroupName.weights.path(of: tensor),
        network.parameterLayout[tensor] == nil
          ? "is no tensor of \(expected); leave it out with --drop, here or in nn-convert"
          : "for \(expected): \(problem)")
    }
    weightMap = LayoutMap(from: reader.layout, to: network.parameterLayout)
    fileWeights = WeightVector(count: weightMap.isIdentity ? 0 : reader.layout.count)
    if let layout = reader.bufferLayout, network.hasBatchNormalization {
      if let (tensor, problem) = network.bufferLayout.firstDifference(
        from: layout, named: reader.name)
      {
        throw FileError(
          .wrongData, file: reader.name, object: GroupName.buffers.path(of: tensor),
          "for \(expected): \(problem)")
      }
      let map = LayoutMap(from: layout, to: network.bufferLayout)
      bufferMap = map
      fileBuffers = WeightVector(count: map.isIdentity ? 0 : layout.count)
    } else {
      bufferMap = nil
      fileBuffers = WeightVector(count: 0)
    }
  }

  /// Whether the file has all that predictions need.
  public var hasStatistics: Bool { !network.hasBatchNormalization || bufferMap != nil }

  /// Throws the `FileError` that names `bn-update` where running statistics are missing.
  public func requireStatistics() throws {
    guard hasStatistics else {
      throw FileError(
        .wrongData, file: reader.name, object: GroupName.buffers.path,
        "missing: the network has BatchNorm and these weights have no statistics of their own;"
          + " run bn-update --data TRAINING-DATA on them first")
    }
  }

  /// Reads snapshot `i` of the selection into vectors of the network.
  public func read(
    _ i: Int, weights: inout WeightVector, buffers: inout WeightVector
  ) throws {
    try readWeights(i, into: &weights)
    guard let bufferMap else { return }
    if bufferMap.isIdentity {
      try reader.readBuffers(i, into: &buffers)
    } else {
      try reader.readBuffers(i, into: &fileBuffers)
      bufferMap.copy(fileBuffers, to: &buffers)
    }
    for slot in network.bufferLayout.slots where slot.role == .runningVariance {
      for k in slot.range where buffers[k] < 0 {
        throw FileError(
          .wrongData, file: reader.name, object: GroupName.buffers.path(of: slot.name),
          "a negative variance in snapshot \(reader.indices[i]); run bn-update on these weights")
      }
    }
  }

  /// Does something with snapshot `i`, and names it where the network's outputs are not finite.
  ///
  /// - Throws: `FileError` of kind `wrongData` instead of `NonFiniteOutput`, and what `work` throws.
  public func naming<Result>(
    _ i: Int, on data: String, _ work: () throws -> Result
  ) throws -> Result {
    do { return try work() } catch let error as NonFiniteOutput {
      throw FileError(
        .wrongData, file: reader.name, object: "snapshot \(reader.indices[i])",
        "\(error.what) of example \(error.example) of \(data) is \(error.value): weights, statistics or"
          + " inputs are so large that sums overflow")
    }
  }

  /// Reads the weights of snapshot `i` alone.
  public func readWeights(_ i: Int, into weights: inout WeightVector) throws {
    if weightMap.isIdentity {
      try reader.readWeights(i, into: &weights)
    } else {
      try reader.readWeights(i, into: &fileWeights)
      weightMap.copy(fileWeights, to: &weights)
    }
  }
}

import Datasets
import Files
import Glibc
import HDF5
import NeuralNetworks
import WeightSpace

/// Which network a tool builds: what the weight file says, or what `--model` says.
public struct ModelSource {
  /// A built-in name or the path of a JSON file; nil to take the file's architecture.
  public var model: String?
  public var dropout: Double?

  public init(model: String?, dropout: Double? = nil) {
    self.model = model
    self.dropout = dropout
  }

  /// The network for data of that shape.
  ///
  /// - Parameters:
  ///   - stored: the weight file's architecture, if it has one.
  ///   - weights: the weight file's tensors, from which the number of outputs is taken where
  ///     neither the file nor the model says it.
  ///   - outputs: the number of outputs for new weights.
  ///   - predictingVariance: whether new weights are to predict a variance of each target.
  ///   - file: the weight file's name, for messages.
  /// - Throws: `NetworkError`, and `FileError` for a model file that cannot be read.
  public func network(
    stored: String? = nil, input: [Int], weights: VectorLayout? = nil, outputs: Int? = nil,
    predictingVariance: Bool = false, file: String = ""
  ) throws -> Network {
    do {
      return try build(
        stored: stored, input: input, weights: weights, outputs: outputs,
        predictingVariance: predictingVariance, file: file)
    } catch let error as NetworkError {
      guard let hint = Dataset.channelsHint(input) else { throw error }
      throw NetworkError("\(error.description); examples of shape \(input) \(hint)")
    }
  }

  private func build(
    stored: String?, input: [Int], weights: VectorLayout?, outputs: Int?,
    predictingVariance: Bool, file: String
  ) throws -> Network {
    guard let model else {
      guard let stored else {
        throw NetworkError(
          "\(file): says nothing of its network; name it with --model, such as --model preresnet20")
      }
      do {
        return try Network(Architecture(json: stored))
      } catch let error as NetworkError {
        let words = error.description
        let prefix = "architecture: "
        throw FileError(
          .wrongData, file: file, object: "architecture",
          "\(words.hasPrefix(prefix) ? String(words.dropFirst(prefix.count)) : words); name the"
            + " network with --model instead")
      }
    }
    if model.hasSuffix(".json") {
      var architecture = try Self.read(model)
      if let dropout { architecture = architecture.withDropout(dropout) }
      do {
        return try Network(architecture)
      } catch let error as NetworkError {
        throw FileError(.wrongData, file: model, error.description)
      }
    }
    guard let weights else {
      return try Network(
        Architecture(
          name: model, input: input, outputs: outputs ?? 1, dropout: dropout,
          predictingVariance: predictingVariance))
    }
    // The learned noise of a regression network is a tensor of its own.
    let noise = weights["var_split.var"] != nil
    let draft = try Network(
      Architecture(name: model, input: input, outputs: noise ? 2 : 1, dropout: dropout))
    let last = draft.parameterLayout.slots.last { $0.shape.count == 2 }
    let found = last.flatMap { weights[$0.name]?.shape.first } ?? outputs ?? 1
    return try Network(
      Architecture(
        name: model, input: input, outputs: found, dropout: dropout, predictingVariance: noise))
  }

  private static func read(_ path: String) throws -> Architecture {
    guard let stream = unsafe fopen(path, "r") else {
      throw FileError(.missingInput, file: path, systemMessage(errno))
    }
    defer { unsafe fclose(stream) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = unsafe fread(&chunk, 1, chunk.count, stream)
      if count == 0 { break }
      bytes += chunk[0..<count]
    }
    do {
      return try Architecture(json: String(decoding: bytes, as: UTF8.self))
    } catch let error as NetworkError {
      throw FileError(.wrongData, file: path, error.description)
    }
  }
}

import Datasets
import Files
import NeuralNetworks

extension Dataset {
  /// Reads a data set for a network, and checks that they suit each other.
  ///
  /// - Throws: `FileError` that names the file and the shapes.
  public func check(fits network: Network, loss: Loss) throws {
    let shape = network.inputShape
    guard inputShape == shape else {
      throw FileError(
        .wrongData, file: name, object: "inputs",
        "examples have shape \(inputShape), but \(network.architecture.name) reads \(shape)")
    }
    switch targets {
    case .classes(let classes):
      guard loss == .crossEntropy else {
        throw FileError(
          .wrongData, file: name, object: "targets",
          "are classes, but the loss \(loss.rawValue) needs real numbers")
      }
      if let row = classes.firstIndex(where: { $0 < 0 || Int($0) >= network.outputCount }) {
        throw FileError(
          .wrongData, file: name, object: "targets",
          "class \(classes[row]) in row \(row), but the network has \(network.outputCount) outputs")
      }
    case .values(_, let width):
      guard loss != .crossEntropy else {
        throw FileError(
          .wrongData, file: name, object: "targets",
          "are real numbers, but cross-entropy needs classes; use --loss squared-error or gaussian")
      }
      guard loss != .gaussian || network.predictsVariance else {
        throw FileError(
          .wrongData, file: name, object: "targets",
          "\(width) per example, but \(network.architecture.name) predicts no variances of them; end"
            + " it with a gaussian layer, or use --loss squared-error")
      }
      let expected = loss == .gaussian ? network.outputCount / 2 : network.outputCount
      guard width == expected else {
        throw FileError(
          .wrongData, file: name, object: "targets",
          "\(width) per example, but the network predicts \(expected)")
      }
    }
  }

  /// The loss that suits these targets and that network.
  public func loss(for network: Network) -> Loss {
    if isClassification { return .crossEntropy }
    return network.predictsVariance ? .gaussian : .squaredError
  }
}

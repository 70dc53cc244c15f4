import Datasets
import Files
import NeuralNetworks

extension Dataset {
  /// Checks that a data set and a network suit each other.
  ///
  /// - Parameter anyClasses: whether classes may lie outside those that the network knows.
  /// - Throws: `FileError` that names the file and the shapes.
  public func check(fits network: Network, loss: Loss, anyClasses: Bool = false) throws {
    let shape = network.inputShape
    guard inputShape == shape else {
      throw FileError(
        .wrongData, file: name, object: "inputs",
        "examples have shape \(inputShape), but \(network.architecture.name) reads \(shape)"
          + (Self.channelsHint(inputShape).map { "; they \($0)" } ?? ""))
    }
    guard isLabelled else { return }
    switch targets {
    case .classes(let classes):
      guard loss == .crossEntropy else {
        throw FileError(
          .wrongData, file: name, object: "targets",
          "are classes, but the loss \(loss.rawValue) needs real numbers")
      }
      guard !network.predictsVariance else {
        throw FileError(
          .wrongData, file: name, object: "targets",
          "are classes, but \(network.architecture.name) predicts a mean and a variance")
      }
      // Of what is only to be predicted no class needs to be known.
      if !anyClasses,
        let row = classes.firstIndex(where: { $0 < 0 || Int($0) >= network.outputCount })
      {
        throw FileError(
          .wrongData, file: name, object: "targets",
          "class \(classes[row]) in row \(row), but the network has \(network.outputCount) outputs")
      }
    case .values(_, let width):
      guard loss != .crossEntropy else {
        throw FileError(
          .wrongData, file: name, object: "targets",
          "are real numbers, but cross-entropy needs classes; "
            + (looksOneHot
              ? "they look one-hot: nn-data select --one-hot makes classes of them"
              : "use --loss squared-error or gaussian"))
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
}

import Datasets
import NeuralNetworks

extension Dataset {
  /// The loss that suits the targets where none is asked for.
  public var defaultLoss: Loss { isClassification ? .crossEntropy : .squaredError }

  /// The loss that suits these targets and that network.
  public func loss(for network: Network) -> Loss {
    guard isRegression(for: network) else { return .crossEntropy }
    return network.predictsVariance ? .gaussian : .squaredError
  }

  /// Whether that network's outputs for these examples are numbers in the targets' units. Examples
  /// that are not labelled are of a regression where the network predicts variances or the data bring
  /// the targets' constants.
  public func isRegression(for network: Network) -> Bool {
    isLabelled ? !isClassification : network.predictsVariance || !targetStd.isEmpty
  }
}

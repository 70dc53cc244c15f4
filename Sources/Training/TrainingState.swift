import Objectives
import WeightSpace

/// Where training stands: what a run would need to go on, were it not for the optimiser's memory and
/// that of those who watch.
public final class TrainingState: Checkpointed {
  private let weightsVector: StateVector
  private let buffersVector: StateVector
  /// Epochs completed.
  public var epoch = 0

  /// - Parameter buffers: running statistics; empty where there are none.
  public init(weights: consuming WeightVector, buffers: consuming WeightVector) {
    weightsVector = StateVector("weights", weights)
    buffersVector = StateVector("buffers", buffers)
  }

  /// The weights that gradients are taken at.
  public var weights: WeightVector {
    _read { yield weightsVector.values }
    _modify { yield &weightsVector.values }
  }

  /// The running statistics that go with the weights.
  public var buffers: WeightVector {
    _read { yield buffersVector.values }
    _modify { yield &buffersVector.values }
  }

  /// Whether the network has running statistics.
  public var hasStatistics: Bool { buffersVector.values.count > 0 }

  public var vectors: [StateVector] {
    hasStatistics ? [weightsVector, buffersVector] : [weightsVector]
  }

  public var numbers: [StateNumber] {
    get { [StateNumber("epoch", epoch)] }
    set { epoch = newValue.count("epoch") }
  }
}

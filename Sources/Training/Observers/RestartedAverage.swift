import Objectives
import WeightSpace

/// Averaging that training goes on from: the mean of the weights at the ends of epochs, and after
/// every P of them w ← w̄, with the optimiser's memory forgotten, running statistics computed anew,
/// and the mean begun again.
///
/// With a first epoch s₁ (from 1) and an end s₂, restarts are at the ends of epochs e with
/// s₁ ≤ e ≤ s₂ and (e − s₁ + 1) divisible by P. At a restart the live weights are the mean: a
/// snapshot taken then holds it, with the number of points in it.
///
/// Guo, Jin and Liu, "Stochastic weight averaging revisited", 2021: PSWA restarts periodically, DSWA
/// and TSWA are two and three rounds of SWA. Memory: P floats. Cost: one pass an epoch, and a pass
/// over the data at each restart of a network with BatchNorm.
public final class RestartedAverage: OnlineAverage {
  public typealias Refresh = (
    _ weights: borrowing WeightVector, _ buffers: inout WeightVector
  ) throws -> Void

  /// s₁.
  public let firstEpoch: Int
  /// P.
  public let every: Int
  /// s₂.
  public let lastEpoch: Int
  public let average: StateVector
  public private(set) var count = 0
  /// Points in the mean that the weights have just become; 0 between restarts.
  public private(set) var restarted = 0
  private let refresh: Refresh

  /// - Parameter refresh: sets running statistics to those of weights.
  public init(
    count: Int, firstEpoch: Int, every: Int, lastEpoch: Int, refresh: @escaping Refresh
  ) {
    self.firstEpoch = firstEpoch
    self.every = every
    self.lastEpoch = lastEpoch
    self.refresh = refresh
    average = StateVector("average", count: count)
  }

  public var vectors: [StateVector] { [average] }
  public var numbers: [StateNumber] {
    get { [StateNumber("averaged", count)] }
    set { count = newValue.count("averaged") }
  }

  /// Whether the end of epoch `epoch`, counted from 1, is a restart.
  public func isRestart(epoch: Int) -> Bool {
    epoch >= firstEpoch && epoch <= lastEpoch && (epoch - firstEpoch + 1) % every == 0
  }

  public func afterStep(_ moment: TrainingMoment, _ loop: any TrainingLoop) throws {
    restarted = 0
    let epoch = moment.step.epoch + 1
    guard moment.isEpochEnd, epoch >= firstEpoch, epoch <= lastEpoch else { return }
    average.values.interpolate(
      to: loop.state.weights, fraction: Float(1 / Double(count + 1)))
    count += 1
    guard isRestart(epoch: epoch) else { return }
    loop.state.weights.copy(from: average.values)
    loop.optimizer.restart(at: average.values)
    if loop.state.hasStatistics { try refresh(average.values, &loop.state.buffers) }
    average.values.fill(with: 0)
    restarted = count
    count = 0
  }
}

extension RestartedAverage {
  /// `pswa`, and the rounds of `dswa` and `tswa`, which share what is left of the run.
  public static let methods: [Method<AverageRecipe>] =
    [
      Method<AverageRecipe>(
        "pswa", "training restarts from the mean of epochs periodically",
        source: "Guo et al. 2021",
        keys: [
          .integer("from", 40, in: 1...1_000_000, "s₁: epochs before the first that counts"),
          .integer("every", 20, in: 1...1_000_000, "P: epochs of a mean"),
          .integer("until", 1_000_000, in: 1...1_000_000, "s₂: the last epoch with a restart"),
        ]
      ) { keys in
        AverageRecipe { request in
          let (first, every) = (keys.integer("from") + 1, keys.integer("every"))
          try request.require("pswa", first: first)
          return RestartedAverage(
            count: request.count, firstEpoch: first, every: every,
            lastEpoch: keys.integer("until"), refresh: request.refresh)
        }
      }
    ] + [("dswa", "two", 2), ("tswa", "three", 3)].map { rounds($0, $1, $2) }

  private static func rounds(_ name: String, _ word: String, _ count: Int)
    -> Method<AverageRecipe>
  {
    Method<AverageRecipe>(
      name, "\(word) rounds of SWA, each from the mean of the one before",
      source: "Guo et al. 2021",
      keys: [.integer("from", 1, in: 1...1_000_000, "epochs before the first round")]
    ) { keys in
      AverageRecipe(spansRun: true) { request in
        let (first, left) = (keys.integer("from"), request.epochs - keys.integer("from"))
        guard left >= count else {
          throw MethodError(
            "--average: \(name): \(count) rounds after from=\(first) take \(first + count) epochs or"
              + " more, but the run has \(request.epochs)")
        }
        return RestartedAverage(
          count: request.count, firstEpoch: first + 1, every: left / count,
          lastEpoch: request.epochs, refresh: request.refresh)
      }
    }
  }
}

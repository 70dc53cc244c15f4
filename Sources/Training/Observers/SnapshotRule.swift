import Optimizers

/// When training takes a snapshot.
public struct SnapshotRule: Sendable, Equatable, CustomStringConvertible {
  public enum Cadence: Sendable, Equatable {
    /// At the end of each K-th epoch, counted from the first snapshot's.
    case everyEpochs(Int)
    /// K times in each epoch, at equal distances; the last one at its end.
    case perEpoch(Int)
    /// Where the schedule's rate is lowest.
    case cycleEnd
  }

  public var cadence: Cadence
  /// The first epoch, counted from 1, after which a snapshot is taken. SWA's published choice of
  /// epochs e with e + 1 ≥ start is `first` = start; SWAG's, e + 1 > start, is start + 1.
  public var first: Int

  public init(_ cadence: Cadence = .everyEpochs(1), first: Int = 1) {
    self.cadence = cadence
    self.first = first
  }

  /// In the words of nn-train's options.
  public var description: String {
    let cadence =
      switch cadence {
      case .everyEpochs(let every): "--snapshot-every \(every)"
      case .perEpoch(let count): "--snapshots-per-epoch \(count)"
      case .cycleEnd: "--snapshot-at cycle-end"
      }
    return "\(cadence) --snapshot-from \(first)"
  }

  /// Whether a snapshot is due after `step` of `steps` updates of an epoch (counted from 1).
  public func isDue(epoch: Int, step: Int, steps: Int, schedule: LearningRateSchedule) -> Bool {
    guard epoch >= first else { return false }
    switch cadence {
    case .everyEpochs(let every): return step == steps && (epoch - first) % every == 0
    case .perEpoch(let count):
      let count = min(count, steps)
      return step * count / steps > (step - 1) * count / steps
    case .cycleEnd: return step == steps && schedule.isCycleEnd(epoch: epoch - 1)
    }
  }

  /// How many snapshots `epochs` epochs give.
  public func count(epochs: Int, steps: Int, schedule: LearningRateSchedule) -> Int {
    guard epochs >= first else { return 0 }
    switch cadence {
    case .everyEpochs(let every): return (epochs - first) / every + 1
    case .perEpoch(let count): return (epochs - first + 1) * min(count, steps)
    case .cycleEnd: return (first...epochs).count { schedule.isCycleEnd(epoch: $0 - 1) }
    }
  }
}

import ArgumentParser
import Training

/// `--snapshot-…`: when snapshots are taken.
public struct SnapshotOptions: ParsableArguments {
  public enum Moment: String, ExpressibleByArgument, CaseIterable { case cycleEnd = "cycle-end" }

  @Option(help: "A snapshot at the end of each K-th epoch (default: 1).") public var snapshotEvery:
    Int?
  @Option(help: "K snapshots in each epoch.") public var snapshotsPerEpoch: Int?
  @Option(help: "cycle-end: a snapshot wherever the schedule's rate is lowest.")
  public var snapshotAt: Moment?
  @Option(
    help: """
      The first epoch, from 1, after which a snapshot is taken (default: 1; with --schedule swa \
      its start).
      """)
  public var snapshotFrom: Int?

  public init() {}

  public func validate() throws {
    let given = [snapshotEvery != nil, snapshotsPerEpoch != nil, snapshotAt != nil]
    guard given.count(where: { $0 }) <= 1 else {
      throw ValidationError(
        "--snapshot-every, --snapshots-per-epoch and --snapshot-at exclude each other")
    }
    guard [snapshotEvery, snapshotsPerEpoch, snapshotFrom].allSatisfy({ ($0 ?? 1) >= 1 }) else {
      throw ValidationError(
        "--snapshot-every, --snapshots-per-epoch and --snapshot-from start at 1")
    }
  }

  /// Throws `ValidationError` for a rule by which no snapshot would ever be taken.
  public func rule(_ training: TrainingOptions) throws -> SnapshotRule {
    let schedule = try training.makeSchedule()
    if snapshotAt != nil && !schedule.hasCycles {
      throw ValidationError("--snapshot-at cycle-end needs --schedule cyclic or cosine")
    }
    let cadence: SnapshotRule.Cadence =
      snapshotAt != nil
      ? .cycleEnd : snapshotsPerEpoch.map { .perEpoch($0) } ?? .everyEpochs(snapshotEvery ?? 1)
    let first = snapshotFrom ?? (training.schedule == .swa ? training.resolvedSWAStart : 1)
    let rule = SnapshotRule(cadence, first: first)
    guard rule.count(epochs: training.epochs, steps: 1, schedule: schedule) > 0 else {
      throw ValidationError(
        "no snapshot would be taken in \(training.epochs) epoch(s); lower --snapshot-from or"
          + " train longer")
    }
    return rule
  }
}

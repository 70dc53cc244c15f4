import Optimizers
import Testing
import Training

/// When snapshots are taken, and that as many are foretold as are due.
@Suite struct SnapshotRuleTests {
  static func schedule(_ shape: LearningRateSchedule.Shape, epochs: Int) throws
    -> LearningRateSchedule
  {
    try LearningRateSchedule(shape, initialRate: 0.1, epochs: epochs)
  }

  /// (epoch, step), both from 1, at which a snapshot is due.
  static func due(
    _ rule: SnapshotRule, epochs: Int, steps: Int, _ schedule: LearningRateSchedule
  ) -> [[Int]] {
    (1...epochs).flatMap { epoch in
      (1...steps).filter {
        rule.isDue(epoch: epoch, step: $0, steps: steps, schedule: schedule)
      }.map { [epoch, $0] }
    }
  }

  @Test func everyEpochsCountFromTheFirst() throws {
    let constant = try Self.schedule(.constant, epochs: 9)
    #expect(
      Self.due(SnapshotRule(), epochs: 3, steps: 4, constant) == [[1, 4], [2, 4], [3, 4]])
    #expect(
      Self.due(SnapshotRule(.everyEpochs(3), first: 2), epochs: 9, steps: 2, constant)
        == [[2, 2], [5, 2], [8, 2]])
    #expect(Self.due(SnapshotRule(first: 10), epochs: 9, steps: 2, constant).isEmpty)
  }

  /// SWA as published collects after epochs e = start − 1, … counted from 0: with 300 epochs from
  /// 161 on it averages 140 snapshots.
  @Test func theSnapshotsOfSWA() throws {
    let schedule = try Self.schedule(.swa(start: 161, rate: 0.05), epochs: 300)
    let rule = SnapshotRule(first: 161)
    #expect(rule.count(epochs: 300, steps: 391, schedule: schedule) == 140)
    #expect(Self.due(rule, epochs: 300, steps: 1, schedule).count == 140)
  }

  /// Equal distances, the last at the end; never more than there are steps.
  @Test(arguments: [(1, 7), (2, 7), (3, 7), (7, 7), (9, 7), (4, 8), (3, 1)])
  func perEpoch(_ count: Int, _ steps: Int) throws {
    let constant = try Self.schedule(.constant, epochs: 2)
    let rule = SnapshotRule(.perEpoch(count))
    let due = Self.due(rule, epochs: 2, steps: steps, constant)
    #expect(due.count == 2 * min(count, steps))
    #expect(due.last == [2, steps])
    let first = due.filter { $0[0] == 1 }.map { $0[1] }
    let gaps = zip(first, [0] + first).map { $0 - $1 }
    #expect(gaps.max()! - gaps.min()! <= 1)
  }

  /// Fast geometric ensembling: (e mod c) + 1 = c/2. Snapshot ensembles: the end of every period.
  @Test func cycleEnds() throws {
    let cyclic = try Self.schedule(.cyclic(cycle: 4, minimum: 0.001), epochs: 12)
    let rule = SnapshotRule(.cycleEnd)
    #expect(Self.due(rule, epochs: 12, steps: 2, cyclic).map { $0[0] } == [2, 6, 10])
    let cosine = try Self.schedule(.cosine(period: 1, multiplier: 2), epochs: 8)
    #expect(Self.due(rule, epochs: 8, steps: 2, cosine).map { $0[0] } == [1, 3, 7])
    let later = SnapshotRule(.cycleEnd, first: 3)
    #expect(Self.due(later, epochs: 12, steps: 1, cyclic).map { $0[0] } == [6, 10])
  }

  @Test func theCountIsWhatIsDue() throws {
    let shapes: [LearningRateSchedule.Shape] = [
      .constant, .cosine(period: 3), .cyclic(cycle: 2, minimum: 0),
    ]
    for shape in shapes {
      let schedule = try Self.schedule(shape, epochs: 10)
      for cadence in [
        SnapshotRule.Cadence.everyEpochs(1), .everyEpochs(4), .perEpoch(1), .perEpoch(5),
        .perEpoch(50), .cycleEnd,
      ] {
        for first in [1, 2, 10, 11] {
          let rule = SnapshotRule(cadence, first: first)
          let due = Self.due(rule, epochs: 10, steps: 13, schedule)
          #expect(rule.count(epochs: 10, steps: 13, schedule: schedule) == due.count)
        }
      }
    }
  }

  /// Numbers that a user can type must not overflow.
  @Test func enormousNumbers() throws {
    let constant = try Self.schedule(.constant, epochs: 1)
    let rule = SnapshotRule(.perEpoch(.max))
    #expect(rule.isDue(epoch: 1, step: 3, steps: 100, schedule: constant))
    #expect(rule.count(epochs: 2, steps: 100, schedule: constant) == 200)
    let late = SnapshotRule(.everyEpochs(.max))
    #expect(late.count(epochs: 1_000_000, steps: 1, schedule: constant) == 1)
  }
}

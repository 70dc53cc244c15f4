import Optimizers
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The rate at the first step of an epoch.
func rate(_ schedule: LearningRateSchedule, _ epoch: Int) -> Double {
  schedule.learningRate(epoch: epoch, step: 0, stepsPerEpoch: 391)
}

@Suite struct PublishedRates {
  /// Rates printed with five or six decimals: half a unit of the last one.
  func check(_ schedule: LearningRateSchedule, _ golden: [Int: Double], within: Double = 6e-7) {
    for (epoch, expected) in golden {
      #expect(abs(rate(schedule, epoch) - expected) < within, "epoch \(epoch)")
    }
  }

  @Test func swaOfVGG16() throws {
    let schedule = try LearningRateSchedule(
      .swa(start: 161, rate: 0.01), initialRate: 0.05, epochs: 300)
    check(
      schedule,
      [
        0: 0.05, 40: 0.05, 80: 0.05, 81: 0.049689, 100: 0.037888, 120: 0.025466, 144: 0.010559,
        145: 0.01, 146: 0.01, 299: 0.01,
      ])
  }

  @Test func swaOfPreResNet() throws {
    let late = try LearningRateSchedule(
      .swa(start: 161, rate: 0.05), initialRate: 0.1, epochs: 300)
    check(late, [81: 0.099612, 100: 0.084860, 144: 0.050699])
    let early = try LearningRateSchedule(
      .swa(start: 126, rate: 0.05), initialRate: 0.1, epochs: 225)
    check(early, [63: 0.1, 64: 0.099008, 100: 0.063294, 114: 0.05, 224: 0.05])
  }

  @Test func plainSGD() throws {
    let schedule = try LearningRateSchedule.sgdBaseline(initialRate: 0.05, epochs: 200)
    check(schedule, [101: 0.049381, 140: 0.02525, 180: 0.0005, 199: 0.0005])
  }

  @Test func curveCountsEpochsFromOne() throws {
    let schedule = try LearningRateSchedule.sgdBaseline(initialRate: 0.015, epochs: 600)
    check(schedule, [301: 0.0149381, 450: 0.0057188, 540: 1.5e-4, 600: 1.5e-4], within: 6e-8)
  }

  @Test func fastGeometricEnsembling() throws {
    let schedule = try LearningRateSchedule(
      .cyclic(cycle: 2, minimum: 0.01), initialRate: 0.05, epochs: 40)
    for epoch in [0, 2, 38] {
      let rates = (0..<4).map { schedule.learningRate(epoch: epoch, step: $0, stepsPerEpoch: 4) }
      #expect(zip(rates, [0.05, 0.04, 0.03, 0.02]).allSatisfy { abs($0 - $1) < 1e-12 })
    }
    // A snapshot is taken where the rate is lowest: the next step starts from the minimum.
    #expect(abs(schedule.learningRate(epoch: 1, step: 0, stepsPerEpoch: 4) - 0.01) < 1e-12)
    #expect((0..<8).filter(schedule.isCycleEnd) == [0, 2, 4, 6])
    let longer = try LearningRateSchedule(
      .cyclic(cycle: 4, minimum: 0.0005), initialRate: 0.05, epochs: 40)
    #expect((0..<12).filter(longer.isCycleEnd) == [1, 5, 9])
    #expect(abs(longer.learningRate(epoch: 2, step: 0, stepsPerEpoch: 9) - 0.0005) < 1e-12)
  }

  @Test func sgdBaselineIsSWAWithoutAStart() throws {
    let baseline = try LearningRateSchedule.sgdBaseline(initialRate: 0.1, epochs: 150)
    let twin = try LearningRateSchedule(
      .swa(start: 150, rate: 0.001), initialRate: 0.1, epochs: 150)
    #expect(baseline == twin)
  }
}

@Suite struct ClosedForms {
  @Test func constant() throws {
    let schedule = try LearningRateSchedule(.constant, initialRate: 0.3, epochs: 5)
    #expect((0..<5).allSatisfy { rate(schedule, $0) == 0.3 })
    #expect(!schedule.hasCycles && !schedule.isCycleEnd(epoch: 4))
  }

  @Test func stepDropsAtMilestones() throws {
    let schedule = try LearningRateSchedule(
      .step(milestones: [6, 3], gamma: 0.1), initialRate: 1, epochs: 8)
    let rates = (0..<8).map { rate(schedule, $0) }
    let expected = [1, 1, 1, 0.1, 0.1, 0.1, 0.01, 0.01]
    #expect(zip(rates, expected).allSatisfy { abs($0 - $1) < 1e-15 })
  }

  @Test(arguments: [1, 2, 3]) func cosineRestarts(multiplier: Int) throws {
    let schedule = try LearningRateSchedule(
      .cosine(period: 5, multiplier: multiplier, minimum: 0.001), initialRate: 0.1, epochs: 100)
    // A naive twin walks the steps and restarts when a period is over.
    let steps = 7
    var start = 0
    var length = 5
    var ends: [Int] = []
    for epoch in 0..<100 {
      if epoch == start + length {
        start = epoch
        length *= multiplier
      }
      if epoch + 1 == start + length { ends.append(epoch) }
      for step in 0..<steps {
        let y = Double((epoch - start) * steps + step) / Double(length * steps)
        let expected = 0.001 + 0.5 * 0.099 * (1 + cos(Double.pi * y))
        let found = schedule.learningRate(epoch: epoch, step: step, stepsPerEpoch: steps)
        #expect(abs(found - expected) < 1e-14)
      }
    }
    #expect((0..<100).filter(schedule.isCycleEnd) == ends)
    #expect(ends.prefix(2) == [4, 4 + 5 * multiplier])
  }

  @Test func cosineStartsHighEachPeriod() throws {
    let schedule = try LearningRateSchedule(
      .cosine(period: 10, multiplier: 2), initialRate: 0.05, epochs: 70)
    for epoch in [0, 10, 30] { #expect(rate(schedule, epoch) == 0.05) }
    #expect(abs(rate(schedule, 5) - 0.025) < 1e-15)
    #expect(abs(rate(schedule, 20) - 0.025) < 1e-15)
    #expect((0..<70).filter(schedule.isCycleEnd) == [9, 29, 69])
  }

  @Test func swaFromTheStart() throws {
    let schedule = try LearningRateSchedule(
      .swa(start: 0, rate: 0.001), initialRate: 0.01, epochs: 10)
    #expect((0..<10).allSatisfy { rate(schedule, $0) == 0.001 })
  }

  @Test func warmupRisesLinearly() throws {
    let schedule = try LearningRateSchedule(.constant, initialRate: 0.8, epochs: 4, warmup: 1.5)
    let rates = (0..<12).map {
      schedule.learningRate(epoch: $0 / 4, step: $0 % 4, stepsPerEpoch: 4)
    }
    let expected = (0..<12).map { min(0.8, 0.8 * Double($0 + 1) / 6) }
    #expect(zip(rates, expected).allSatisfy { abs($0 - $1) < 1e-15 })
  }

  @Test func warmupMultipliesTheShape() throws {
    let shape = LearningRateSchedule.Shape.cosine(period: 8)
    let plain = try LearningRateSchedule(shape, initialRate: 0.1, epochs: 8)
    let warm = try LearningRateSchedule(shape, initialRate: 0.1, epochs: 8, warmup: 2)
    let half = warm.learningRate(epoch: 0, step: 9, stepsPerEpoch: 10)
    #expect(
      abs(half - 0.5 * plain.learningRate(epoch: 0, step: 9, stepsPerEpoch: 10)) < 1e-15)
    #expect(rate(warm, 2) == rate(plain, 2))
  }
}

@Suite struct NonsenseIsRefused {
  typealias Shape = LearningRateSchedule.Shape

  @Test(arguments: [
    Shape.step(milestones: [], gamma: 0.1), .step(milestones: [0], gamma: 0.1),
    .step(milestones: [3], gamma: 0), .step(milestones: [3], gamma: .nan),
    .cosine(period: 0), .cosine(period: 5, multiplier: 0), .cosine(period: 5, minimum: -1),
    .cosine(period: 5, minimum: 0.2), .swa(start: -1, rate: 0.05), .swa(start: 11, rate: 0.05),
    .swa(start: 5, rate: 0), .cyclic(cycle: 3, minimum: 0.01), .cyclic(cycle: 0, minimum: 0.01),
    .cyclic(cycle: 2, minimum: 0.5),
  ])
  func shape(_ shape: Shape) {
    #expect(throws: HyperparameterError.self) {
      try LearningRateSchedule(shape, initialRate: 0.1, epochs: 10)
    }
  }

  @Test func ratesAndLengths() {
    for value in [0, -1, .infinity, .nan] as [Double] {
      #expect(throws: HyperparameterError.self) {
        try LearningRateSchedule(.constant, initialRate: value, epochs: 10)
      }
    }
    #expect(throws: HyperparameterError.self) {
      try LearningRateSchedule(.constant, initialRate: 1, epochs: 0)
    }
    for warmup in [-1, 11, .nan] as [Double] {
      #expect(throws: HyperparameterError.self) {
        try LearningRateSchedule(.constant, initialRate: 1, epochs: 10, warmup: warmup)
      }
    }
  }

  @Test func messagesNameWhatIsWrong() {
    let error = #expect(throws: HyperparameterError.self) {
      try LearningRateSchedule(.cyclic(cycle: 3, minimum: 0), initialRate: 1, epochs: 9)
    }
    #expect(error?.description == "cycle: must be an even number of epochs, not 3")
  }
}

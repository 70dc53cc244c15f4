import Files
import Foundation
import HDF5
import Testing

/// Resampling, differences, temperatures, detection and sets, from the command line.
@Suite struct CalibEvalIntervalTests {
  let place = Workplace()

  /// A predictions file of `count` rows of three classes whose confidence is above their accuracy.
  func predictions(
    _ name: String, count: Int = 400, seed: Int = 1, sharpness: Double = 3, members: Int = 0
  ) throws {
    var probabilities: [Double] = []
    var classes: [Double] = []
    var parts = Array(repeating: [Double](), count: members)
    var state = UInt64(seed)
    func random() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) / 0x1p53
    }
    func softmax(_ z: [Double]) -> [Double] {
      let e = z.map { exp($0) }
      return e.map { $0 / e.reduce(0, +) }
    }
    for _ in 0..<count {
      let z = (0..<3).map { _ in sharpness * random() }
      // Drawn from what half the sharpness says.
      let truth = softmax(z.map { $0 / 2 })
      let u = random()
      classes.append(u < truth[0] ? 0 : u < truth[0] + truth[1] ? 1 : 2)
      if members == 0 { probabilities += softmax(z) }
      var mean = [0.0, 0, 0]
      for member in 0..<members {
        let p = softmax(z.map { $0 + random() })
        parts[member] += p
        for j in 0..<3 { mean[j] += p[j] / Double(members) }
      }
      if members > 0 { probabilities += mean }
    }
    let file = try HDF5File.create(place.file(name))
    try file.setAttribute("kind", "predictions")
    try file.createDataset("probabilities", type: .float32, shape: [count, 3]).write(probabilities)
    try file.createDataset("targets", type: .int32, shape: [count]).write(classes)
    if members > 0 {
      try file.createGroup("members")
      try file.createDataset("members/probabilities", type: .float32, shape: [members, count, 3])
        .write(parts.flatMap { $0 })
    }
    try file.close()
  }

  func rows(_ outcome: Workplace.Outcome) -> [[String: String]] {
    guard let header = outcome.table.first else { return [] }
    return outcome.table.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(header, $0)) }
  }

  @Test func intervalsHoldTheMetricAndComeFromTheSeed() throws {
    try predictions("p.h5")
    let outcome = place.succeeds("calib-eval p.h5 --metrics all --bootstrap 300 --seed 3")
    let row = rows(outcome)[0]
    for name in [
      "accuracy", "nll_nats", "brier", "confidence", "aurc", "top5_accuracy",
      "brier_uncertainty",
    ] {
      let (low, value, high) = (
        Double(row[name + "_low"]!)!, Double(row[name]!)!, Double(row[name + "_high"]!)!
      )
      #expect(low <= value && value <= high, "\(name): \(outcome)")
    }
    #expect(Double(row["classwise_ece_low"]!)! < Double(row["classwise_ece_high"]!)!)
    #expect(Double(row["brier_reliability_low"]!)! < Double(row["brier_reliability_high"]!)!)
    // About ±1.96 √(a (1 − a)/N). A 2.5 % quantile of 300 normal variates has the standard error
    // √(0.025 · 0.975/300)/φ(1.96) = 0.15 deviations, two of them 0.22 of the 3.92 between: 5.6 %,
    // and four times that are allowed, with the grain of 1/400.
    let a = Double(row["accuracy"]!)!
    let half = 1.96 * (a * (1 - a) / 400).squareRoot()
    let width = Double(row["accuracy_high"]!)! - Double(row["accuracy_low"]!)!
    #expect(abs(width / (2 * half) - 1) < 0.25, "\(width) \(half)")
    for threads in [1, 3] {
      #expect(
        place.succeeds("calib-eval p.h5 --metrics all --bootstrap 300 --seed 3 -@ \(threads)")
          .output
          == outcome.output)
    }
    #expect(
      place.succeeds("calib-eval p.h5 --metrics all --bootstrap 300 --seed 4").output
        != outcome.output)
    let narrow = rows(place.succeeds("calib-eval p.h5 --bootstrap 300 --level 0.5"))[0]
    #expect(
      Double(narrow["accuracy_high"]!)! - Double(narrow["accuracy_low"]!)! < 0.6 * width)
  }

  @Test func differencesOfPairs() throws {
    try predictions("sharp.h5")
    place.succeeds("calib-eval sharp.h5 --temperature-from sharp.h5 -o cool.h5 -q")
    let table = rows(place.succeeds("calib-eval cool.h5 --against sharp.h5 --bootstrap 200"))
    let byName = Dictionary(uniqueKeysWithValues: table.map { ($0["metric"]!, $0) })
    // A temperature changes no ranking: the accuracies are equal in every set.
    #expect(byName["accuracy"]!["difference"] == "0" && byName["accuracy"]!["high"] == "0")
    #expect(byName["accuracy"]!["share_above"] == "0.5")
    let loss = byName["nll_nats"]!
    #expect(Double(loss["difference"]!)! < 0 && Double(loss["high"]!)! < 0)
    #expect(Double(loss["low"]!)! < Double(loss["difference"]!)!)
    #expect(loss["share_above"] == "0" && loss["file"] == "cool.h5")
    let plain = rows(place.succeeds("calib-eval cool.h5 --against sharp.h5"))
    #expect(plain[0]["low"] == "" && plain.count == table.count)
    try predictions("other.h5", seed: 2)
    place.fails(
      "calib-eval other.h5 --against sharp.h5", 65, "other.h5: targets: differ from those")
  }

  @Test func temperatures() throws {
    try predictions("p.h5", count: 2000)
    let scaled = rows(place.succeeds("calib-eval p.h5 --temperature-from p.h5"))[0]
    // The classes come from half the sharpness: T = 2. With z = log p the information about 1/T is
    // the sum over examples of the variance of z under p^(1/T), the error of T is T² / √information,
    // and four of them are allowed.
    let p = try HDF5File.open(place.file("p.h5")).dataset("probabilities").read(Double.self)
    var information = 0.0
    for n in 0..<2000 {
      let z = p[(3 * n)..<(3 * n + 3)].map { log($0) }
      let q = z.map { exp($0 / 2) }
      let sum = q.reduce(0, +)
      let mean = zip(q, z).reduce(0) { $0 + $1.0 * $1.1 / sum }
      information += zip(q, z).reduce(0) { $0 + $1.0 * ($1.1 - mean) * ($1.1 - mean) / sum }
    }
    let error = 4 / information.squareRoot()
    #expect(abs(Double(scaled["temperature"]!)! - 2) < 4 * error, "\(scaled) \(error)")
    let plain = rows(place.succeeds("calib-eval p.h5"))[0]
    #expect(Double(scaled["nll_nats"]!)! < Double(plain["nll_nats"]!)!)
    #expect(scaled["accuracy"] == plain["accuracy"])
    let written = place.succeeds("calib-eval p.h5 --temperature-from p.h5 -o q.h5")
    #expect(rows(written)[0] == scaled)
    let again = rows(place.succeeds("calib-eval q.h5"))[0]
    for name in ["nll_nats", "ece", "brier"] {
      // Written as Floats.
      #expect(abs(Double(again[name]!)! - Double(scaled[name]!)!) < 1e-5)
    }
    let file = try HDF5File.open(place.file("q.h5"))
    #expect(try file.stringAttribute("kind") == "predictions")
    #expect(try file.stringsAttribute("history")?[0].contains("--temperature-from") == true)
    // To standard output, and from there.
    let piped = place.succeeds("calib-eval p.h5 --temperature-from p.h5 -o - | calib-eval")
    #expect(rows(piped)[0]["nll_nats"] == again["nll_nats"])
    // A file that is as it should be has the temperature 1.
    let settled = rows(place.succeeds("calib-eval q.h5 --temperature-from q.h5"))[0]
    #expect(abs(Double(settled["temperature"]!)! - 1) < 1e-4)
  }

  @Test func temperaturesWithoutAMinimum() throws {
    func write(_ name: String, _ rows: [Double], _ classes: [Int32]) throws {
      let file = try HDF5File.create(place.file(name))
      try file.createDataset("probabilities", type: .float64, shape: [2, 2]).write(rows)
      try file.createDataset("targets", type: .int32, shape: [2]).write(classes)
      try file.close()
    }
    try write("separable.h5", [0.75, 0.25, 0.25, 0.75], [0, 1])
    let low = place.succeeds("calib-eval separable.h5 --temperature-from separable.h5")
    #expect(rows(low)[0]["temperature"] == "0.001" && low.errors.contains("lower bound"))
    try write("wrong.h5", [0.75, 0.25, 0.25, 0.75], [1, 0])
    let high = place.succeeds("calib-eval wrong.h5 --temperature-from wrong.h5")
    // A thousand times the logits' spread, ln 3.
    #expect(rows(high)[0]["temperature"] == "1098.61" && high.errors.contains("upper bound"))
    try write("flat.h5", [0.5, 0.5, 0.5, 0.5], [1, 0])
    let flat = place.succeeds("calib-eval flat.h5 --temperature-from flat.h5")
    #expect(rows(flat)[0]["temperature"] == "1" && flat.errors.contains("at any temperature"))
    #expect(
      place.succeeds("calib-eval flat.h5 -q --temperature-from flat.h5").errors.isEmpty)
  }

  @Test func outOfTheDistribution() throws {
    try predictions("in.h5", sharpness: 12)
    try predictions("out.h5", count: 300, seed: 9, sharpness: 1)
    let table = rows(place.succeeds("calib-eval in.h5 --ood out.h5 --bootstrap 100"))
    #expect(table.map { $0["score"]! } == ["confidence", "entropy"])
    for row in table {
      let area = Double(row["auroc"]!)!
      #expect(area > 0.8 && Double(row["auroc_low"]!)! < area)
      #expect(row["examples_in"] == "400" && row["examples_out"] == "300")
    }
    #expect(table[0]["symmetric_kl_nats"] == "" && Double(table[1]["symmetric_kl_nats"]!)! > 0)
    let same = rows(place.succeeds("calib-eval in.h5 --ood in.h5"))[1]
    #expect(same["auroc"] == "0.5" && same["symmetric_kl_nats"] == "0")
    let histogram = rows(place.succeeds("calib-eval in.h5 --ood out.h5 --histogram"))
    #expect(histogram.count == 30 && histogram[0]["lower_nats"] == "0")
    #expect(histogram.reduce(0) { $0 + Int($1["count_in"]!)! } == 400)
    #expect(histogram.reduce(0) { $0 + Int($1["count_out"]!)! } == 300)
  }

  @Test func membersSplitTheEntropy() throws {
    try predictions("m.h5", members: 4)
    let row = rows(place.succeeds("calib-eval m.h5 --metrics members"))[0]
    let file = try HDF5File.open(place.file("m.h5"))
    let members = try file.dataset("members/probabilities").read(Double.self)
    let entropy = members.reduce(0) { $0 - ($1 > 0 ? $1 * log($1) : 0) } / 1600
    #expect(abs(Double(row["aleatoric_nats"]!)! - entropy) < 1e-5)
    let total = Double(row["entropy_nats"]!)!
    #expect(abs(Double(row["mutual_information_nats"]!)! - (total - entropy)) < 2e-5)
    let scores = rows(place.succeeds("calib-eval m.h5 --ood m.h5")).map { $0["score"]! }
    #expect(scores == ["confidence", "entropy", "mutual_information"])
    // A temperature is of the mean alone.
    let scaled = rows(
      place.succeeds("calib-eval m.h5 --metrics members --temperature-from m.h5"))[0]
    #expect(scaled["mutual_information_nats"] == "")
  }

  @Test func conformalSets() throws {
    try predictions("calibration.h5", count: 1000, seed: 5)
    try predictions("test.h5", count: 1000, seed: 6)
    let row = rows(place.succeeds("calib-eval test.h5 --conformal calibration.h5"))[0]
    // 0.9 with a deviation of √(2 · 0.09/1000) = 0.013.
    #expect(abs(Double(row["coverage"]!)! - 0.9) < 0.045)
    #expect(row["level"] == "0.9" && row["calibration_examples"] == "1000")
    // No sets of this coverage can be smaller than the classes of the largest probability.
    let size = Double(row["mean_size"]!)!
    let accuracy = Double(rows(place.succeeds("calib-eval test.h5"))[0]["accuracy"]!)!
    #expect(accuracy < 0.85 && size > 1 && size < 3)
    let half = rows(
      place.succeeds("calib-eval test.h5 --conformal calibration.h5 --coverage 0.5"))[0]
    #expect(Double(half["mean_size"]!)! < size && abs(Double(half["coverage"]!)! - 0.5) < 0.08)
  }

  @Test func riskAgainstCoverage() throws {
    try predictions("p.h5")
    let curve = rows(place.succeeds("calib-eval p.h5 --risk-coverage"))
    #expect(curve.count == 100 && curve[0]["coverage"] == "0.01")
    let accuracy = Double(rows(place.succeeds("calib-eval p.h5"))[0]["accuracy"]!)!
    #expect(abs(Double(curve[99]["risk"]!)! - (1 - accuracy)) < 1e-5)
    let confidences = curve.map { Double($0["confidence"]!)! }
    #expect(confidences == confidences.sorted(by: >))
  }

  @Test func optionsThatDoNotFit() throws {
    try predictions("p.h5", count: 10)
    place.fails("calib-eval p.h5 --reliability --ood p.h5", 64, "exclude each other")
    place.fails("calib-eval p.h5 -o q.h5", 64, "--temperature-from")
    place.fails("calib-eval p.h5 --metrics some", 64, "no group 'some'")
    place.fails("calib-eval p.h5 --bootstrap 1", 64, "--bootstrap")
    place.fails("calib-eval p.h5 --level 1", 64, "--level")
    place.fails("calib-eval p.h5 --coverage 0", 64, "--coverage")
    place.fails("calib-eval p.h5 --central 95", 64, "--central")
    place.fails("calib-eval p.h5 --histogram", 64, "--ood")
    place.fails("calib-eval p.h5 --bins 10000000", 64, "--bins")
    place.fails("calib-eval p.h5 --temperature-from none.h5", 66, "none.h5: no such file")
    place.fails("calib-eval p.h5 -q --temperature-from p.h5 -o none/q.h5", 73, "none/q.h5")
    place.fails("calib-eval p.h5 --ood none.h5", 66, "none.h5")
    place.fails(
      "calib-eval p.h5 --logits", 65, "p.h5: is a predictions file, which holds no logits")
  }
}

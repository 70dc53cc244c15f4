import Foundation
import HDF5
import Testing

@Suite struct CalibEvalTests {
  let place = Workplace()

  /// Writes probabilities [N, C] and classes under the given names.
  func write(
    _ name: String, _ rows: [[Double]], _ classes: [Int], type: ElementType = .float32,
    path: String = "probabilities", targets: String = "targets", targetType: ElementType = .int32,
    kind: String? = "predictions"
  ) throws {
    let file = try HDF5File.create(place.file(name))
    if let kind {
      try file.setAttribute("format", "weightspace")
      try file.setAttribute("kind", kind)
    }
    try file.createDataset(path, type: type, shape: [rows.count, rows[0].count])
      .write(rows.flatMap { $0 })
    try file.createDataset(targets, type: targetType, shape: [classes.count])
      .write(classes.map { Double($0) })
    try file.close()
  }

  static let rows: [[Double]] = [[0.75, 0.25], [0.5, 0.5], [0.125, 0.875], [0.25, 0.75]]
  static let classes = [0, 0, 0, 1]

  /// The values of the one row, by column.
  func metrics(_ outcome: Workplace.Outcome) -> [String: String] {
    guard outcome.table.count == 2 else { return [:] }
    return Dictionary(uniqueKeysWithValues: zip(outcome.table[0], outcome.table[1]))
  }

  @Test func metricsOfFourRows() throws {
    try write("p.h5", Self.rows, Self.classes)
    let outcome = place.succeeds("calib-eval p.h5 --bins 4")
    let values = metrics(outcome)
    #expect(values["file"] == "p.h5" && values["examples"] == "4", "\(outcome)")
    #expect(values["accuracy"] == "0.75")
    let likelihood = (log(0.75) + log(0.5) + log(0.125) + log(0.75)) / 4
    #expect(abs(Double(values["nll_nats"]!)! + likelihood) < 1e-5)
    // (0.125 + 0.5 + 1.53125 + 0.125) / 4
    #expect(values["brier"] == "0.570312")
    // (1/4, 1/2]: one right of 0.5; (1/2, 3/4]: two right of 0.75; (3/4, 1]: wrong of 0.875.
    #expect(values["ece"] == "0.46875" && values["mce"] == "0.875")
    #expect(values["confidence"] == "0.71875")
    #expect(metrics(place.succeeds("calib-eval < p.h5 --bins 4"))["ece"] == "0.46875")
    #expect(metrics(place.succeeds("cat p.h5 | calib-eval -"))["file"] == "standard input")
  }

  @Test func anyFileAndAnyType() throws {
    try write("p.h5", Self.rows, Self.classes)
    let expected = place.succeeds("calib-eval p.h5").table[1].dropFirst()
    for (type, targetType) in [
      (ElementType.float64, ElementType.int64), (.float16, .uint8), (.float32, .float32),
    ] {
      try write(
        "q.h5", Self.rows, Self.classes, type: type, path: "softmax", targets: "y",
        targetType: targetType, kind: nil)
      let outcome = place.succeeds("calib-eval --probabilities q.h5:/softmax --targets q.h5:y")
      #expect(outcome.table[1].dropFirst() == expected, "\(outcome)")
    }
    let logits = Self.rows.map { $0.map { log($0) + 7 } }
    try write("z.h5", logits, Self.classes, type: .float64, path: "z", kind: nil)
    let outcome = place.succeeds(
      "calib-eval --probabilities z.h5:z --targets z.h5:/targets --logits")
    #expect(outcome.table[1].dropFirst() == expected, "\(outcome)")
  }

  /// More rows than a block, cut differently by any number of threads.
  @Test func threadsDoNotChangeABit() throws {
    let rows = (0..<30_000).map { i in
      let p = 0.1 + 0.9 * Double((i * 7919) % 30_011) / 30_011
      return [p] + Array(repeating: (1 - p) / 39, count: 39)
    }
    try write("p.h5", rows, (0..<30_000).map { $0 % 3 })
    for binning in ["width", "mass", "published"] {
      let first = place.succeeds("calib-eval p.h5 --json --binning \(binning) -@ 1").output
      for threads in [2, 3, 8] {
        #expect(
          place.succeeds("calib-eval p.h5 --json --binning \(binning) -@ \(threads)").output
            == first)
      }
    }
  }

  @Test func reliabilityTablesAndJSON() throws {
    try write("p.h5", Self.rows, Self.classes)
    let table = place.succeeds("calib-eval p.h5 --bins 4 --reliability").table
    #expect(
      table[0] == ["file", "bin", "lower", "upper", "count", "confidence", "accuracy", "gap"])
    #expect(table[1] == ["p.h5", "0", "0", "0.25", "0", "", "", ""])
    #expect(table[3] == ["p.h5", "2", "0.5", "0.75", "2", "0.75", "1", "-0.25"])
    let json = try JSONSerialization.jsonObject(
      with: place.succeeds("calib-eval p.h5 p.h5 --json").outputBytes)
    let rows = try #require(json as? [[String: Any]])
    #expect(rows.count == 2 && rows[0]["accuracy"] as? Double == 0.75)
  }

  @Test func infiniteLikelihoodIsSaid() throws {
    try write("p.h5", [[1, 0], [0.5, 0.5]], [1, 0])
    let outcome = place.succeeds("calib-eval p.h5")
    #expect(metrics(outcome)["nll_nats"] == "inf")
    #expect(outcome.errors.contains("p.h5: the likelihood of 1 of 2 examples is 0"), "\(outcome)")
    #expect(place.succeeds("calib-eval -q p.h5").errors.isEmpty)
    #expect(place.succeeds("calib-eval -q p.h5 --json").output.contains("\"nll_nats\": null"))
    let clipped = place.succeeds("calib-eval p.h5 --clip 1e-6")
    #expect(clipped.errors.isEmpty)
    let expected = -(log(1e-6) + log(0.5)) / 2
    #expect(abs(Double(metrics(clipped)["nll_nats"]!)! - expected) < 1e-4)
  }

  @Test func regressions() throws {
    let file = try HDF5File.create(place.file("r.h5"))
    try file.setAttribute("kind", "predictions")
    try file.createDataset("mean", type: .float32, shape: [2, 1]).write([1, 2] as [Float])
    try file.createDataset("variance", type: .float32, shape: [2, 1]).write([1, 4] as [Float])
    try file.createDataset("targets", type: .float32, shape: [2, 1]).write([2, 2] as [Float])
    try file.close()
    let values = metrics(place.succeeds("calib-eval r.h5"))
    #expect(values["rmse"] == "0.707107" && values["mae"] == "0.5")
    #expect(values["coverage_95"] == "1" && values["sharpness"] == "1.58114")
    // 2 · 1.96 times the mean deviation of 1.5.
    #expect(values["width_95"] == "5.87989" && values["interval_score_95"] == "5.87989")
    #expect(values["mixture_crps"] == "")
    let expected = -0.5 * (log(2 * Double.pi) + 1 + log(8 * Double.pi)) / 2
    #expect(abs(Double(values["log_likelihood_nats"]!)! - expected) < 1e-5)
    try write("p.h5", Self.rows, Self.classes)
    let mixed = place.run("calib-eval r.h5 p.h5")
    #expect(mixed.status == 65 && mixed.errors.contains("calib-eval: p.h5: is not of the kind"))
    let table = place.succeeds("calib-eval r.h5 --reliability").table
    #expect(table.count == 100 && table[0] == ["file", "values", "quantile", "observed", "gap"])
    // z = 1 and 0: at or below the quantiles from 84.1 % and from 50 %.
    #expect(table[50] == ["r.h5", "2", "0.5", "0.5", "0"] && table[49][3] == "0")
    #expect(table[84][3] == "0.5" && table[85][3] == "1")
    place.fails("calib-eval r.h5 --risk-coverage", 65, "r.h5: is a regression")
  }

  @Test func whatIsWrongIsSaidInOneLine() throws {
    try write("sum.h5", [[0.5, 0.5], [0.5, 0.25]], [0, 0])
    place.fails(
      "calib-eval sum.h5", 65,
      "calib-eval: sum.h5: probabilities: row 1: the probabilities sum to 0.75, not to 1")
    try write("class.h5", Self.rows, [0, 0, 2, 1])
    place.fails("calib-eval class.h5", 65, "row 2: class 2 is not one of 0…1")
    try write("nan.h5", [[.nan, 0.5]], [0])
    place.fails("calib-eval nan.h5", 65, "row 0: a probability is NaN")
    try write("logits.h5", [[3, -2]], [0])
    place.fails("calib-eval logits.h5", 65, "are these logits?")
    try write("short.h5", Self.rows, [0, 0])
    place.fails("calib-eval short.h5", 65, "short.h5: targets")
    try write("kind.h5", Self.rows, Self.classes, kind: "gaussian")
    place.fails("calib-eval kind.h5", 65, "kind.h5: holds gaussian")
    place.write("text.h5", "hello")
    place.fails("calib-eval text.h5", 65, "text.h5: ")
    place.fails("calib-eval none.h5", 66, "none.h5: no such file")
    place.fails("calib-eval .", 65, ".: is a directory")
    place.fails("calib-eval sum.h5 --bins 0", 64, "--bins")
    place.fails("calib-eval sum.h5 --binning thin", 64, "thin")
    place.fails("calib-eval --probabilities sum.h5:/probabilities", 64, "--targets")
    place.fails(
      "calib-eval --probabilities sum.h5:/p --targets sum.h5:/targets", 65,
      "sum.h5: p: no such dataset")
    place.fails("calib-eval --probabilities sum.h5 --targets sum.h5", 66, "names no object")
    place.fails("calib-eval < /dev/null", 65, "standard input: is empty")
  }
}

import Foundation
import HDF5
import Testing

/// Predictions of examples that have no class of the network's, and of logits on any scale.
@Suite struct CalibEvalForeignTests {
  let place = Workplace()

  private func write(
    _ name: String, rows: Int, classes: Int = 3, targets: [Int]?, type: ElementType = .float32,
    members: Int? = nil
  ) throws {
    let file = try HDF5File.create(place.file(name))
    let p = (0..<rows).flatMap { n -> [Double] in
      let raw = (0..<classes).map { Double((n * 7 + $0 * 5) % 11 + 1) }
      let sum = raw.reduce(0, +)
      return raw.map { $0 / sum }
    }
    try file.createDataset("probabilities", type: type, shape: [rows, classes]).write(p)
    if let targets {
      try file.createDataset("targets", type: .int32, shape: [rows]).write(
        targets.map { Double($0) })
    }
    if let members {
      try file.createGroup("members")
      try file.createDataset(
        "members/probabilities", type: .float32, shape: [members, rows, classes]
      ).write([Float](repeating: Float(1) / Float(classes), count: members * rows * classes))
    }
    try file.close()
  }

  @Test func whatIsOutsideNeedsNoClasses() throws {
    try write("in.h5", rows: 30, targets: (0..<30).map { $0 % 3 })
    try write("minus.h5", rows: 20, targets: Array(repeating: -1, count: 20))
    try write("more.h5", rows: 20, targets: Array(0..<20))
    try write("none.h5", rows: 20, targets: nil)
    let expected = place.succeeds("calib-eval in.h5 --ood minus.h5").table.map { $0.dropFirst(2) }
    #expect(expected.count == 3)
    for name in ["more.h5", "none.h5"] {
      let found = place.succeeds("calib-eval in.h5 --ood \(name)").table.map { $0.dropFirst(2) }
      #expect(found == expected, "\(name)")
      let inside = place.succeeds("calib-eval \(name) --ood in.h5 --histogram").table
      #expect(inside.count == 31)
    }
    place.fails("calib-eval none.h5", 65, "none.h5: targets: missing")
    place.fails("calib-eval more.h5", 65, "class 3 is not one of 0…2")
  }

  @Test func noMembersIsAnError() throws {
    try write("p.h5", rows: 6, targets: [0, 1, 2, 0, 1, 2], members: 0)
    place.fails("calib-eval p.h5 --metrics all", 65, "members/probabilities: holds no member")
  }

  /// More numbers than the threads' blocks hold: float32 as float64, block by block.
  @Test func temperatureOfManyBlocks() throws {
    let targets = (0..<6000).map { ($0 * 7 + 3) % 100 }
    try write("single.h5", rows: 6000, classes: 100, targets: targets)
    let file = try HDF5File.open(place.file("single.h5"))
    let p = try file.dataset("probabilities").read(Double.self)
    try file.close()
    let double = try HDF5File.create(place.file("double.h5"))
    try double.createDataset("probabilities", type: .float64, shape: [6000, 100]).write(p)
    try double.createDataset("targets", type: .int32, shape: [6000]).write(
      targets.map { Double($0) })
    try double.close()
    func row(_ name: String, _ threads: Int) -> [String] {
      place.succeeds("calib-eval -@ \(threads) --temperature-from \(name) \(name) -q")
        .table.last?.dropFirst().map { $0 } ?? []
    }
    let expected = row("double.h5", 1)
    #expect(!expected.isEmpty && row("single.h5", 1) == expected)
    #expect(row("single.h5", 2) == expected)
  }

  /// exp(−800) is 0, but −ln of it is 800.
  @Test func likelihoodOfLogits() {
    place.write("z.csv", "0,800\n0,0\n")
    place.write("y.csv", "0\n0\n")
    let row = place.succeeds(
      "calib-eval --logits --no-header --probabilities z.csv --targets y.csv --json")
    let half = (800 + log(2.0)) / 2
    #expect(row.output.contains("\"nll_nats\": \(half)") && row.errors.isEmpty, "\(row)")
  }

  @Test func temperaturesOfLogits() {
    let classes = (0..<40).map { $0 % 2 }
    place.write("y.csv", classes.map { "\($0)\n" }.joined())
    // Right in three rows of four.
    for (name, factor, third) in [("plain", 1.0, ""), ("big", 1e6, ""), ("masked", 1.0, ",-inf")] {
      place.write(
        "\(name).csv",
        classes.enumerated().map { n, y in row(y, right: n % 4 != 0, factor) + third + "\n" }
          .joined())
    }
    func temperature(_ name: String) -> Double {
      let outcome = place.succeeds(
        "calib-eval --logits --no-header --probabilities \(name).csv --targets y.csv"
          + " --temperature-from \(name).csv,y.csv")
      #expect(outcome.errors.isEmpty, "\(outcome)")
      let table = outcome.table
      return Double(table[1][table[0].firstIndex(of: "temperature")!]) ?? .nan
    }
    // p = 3/4 where the logits differ by 1: T = 1 / ln 3.
    #expect(abs(temperature("plain") * log(3) - 1) < 1e-5)
    #expect(abs(temperature("big") * log(3) / 1e6 - 1) < 1e-5)
    #expect(abs(temperature("masked") * log(3) - 1) < 1e-5)
  }

  private func row(_ y: Int, right: Bool, _ factor: Double) -> String {
    (y == 0) == right ? "\(factor),0" : "0,\(factor)"
  }
}

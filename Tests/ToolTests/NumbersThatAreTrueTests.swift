import Foundation
import HDF5
import Testing

/// Status 0 says that the numbers are whole, finite and in the units that the manual promises.
@Suite struct NumbersThatAreTrueTests {
  let place = Workplace()

  /// A regression whose two targets have units far apart.
  private func makeTwoTargets() {
    let rows = (0..<50).map { n in
      let (x, y) = (Double((n * 7) % 17) / 17, Double((n * 5) % 13) / 13)
      return "\(x),\(y),\(3 * x - y),\(400 * y + 90 * x * y)"
    }
    place.write("t.csv", "a,b,u,v\n" + rows.joined(separator: "\n") + "\n")
    place.succeeds("nn-data csv t.csv --regression --target u,v -o d.h5")
  }

  private func number(_ outcome: Workplace.Outcome, _ column: String, row: Int = 1) -> Double {
    guard outcome.table.count > row, let k = outcome.table[0].firstIndex(of: column) else {
      return .nan
    }
    return Double(outcome.table[row][k]) ?? .nan
  }

  @Test(arguments: ["", "--loss gaussian --optimizer adamw --lr 0.01"])
  func errorsInTheTargetsUnits(options: String) {
    makeTwoTargets()
    let model = options.isEmpty ? "mlp:8" : "regnet:8"
    let train = place.succeeds(
      "nn-train d.h5 --model \(model) --validation d.h5 -b 50 --epochs 2 -q -o r.h5 \(options)")
    place.succeeds("nn-predict r.h5 --last 1 --data d.h5 -q -o p.h5")
    let expected = number(place.succeeds("calib-eval p.h5"), "rmse")
    #expect(expected > 50)
    func isExpected(_ found: Double) -> Bool { abs(found / expected - 1) < 1e-4 }
    let own = place.succeeds("nn-eval r.h5 --last 1 --data d.h5")
    #expect(isExpected(number(own, "rmse")), "\(own)")
    #expect(isExpected(number(train, "validation_rmse", row: 2)), "\(train)")
    // One batch an epoch, before its step: that of the weights after the first.
    let first = number(place.succeeds("nn-eval 'r.h5[0]' --data d.h5"), "rmse")
    #expect(abs(number(train, "train_rmse", row: 2) / first - 1) < 1e-4, "\(train)")
    let summary = place.succeeds("nn-eval 'r.h5[-1]' --summary --data d.h5")
    #expect(isExpected(number(summary, "start", row: 2)), "\(summary)")
  }

  /// The variance head comes with the loss, not with the number of outputs.
  @Test func regnetForAnyTargets() {
    makeTwoTargets()
    place.succeeds("nn-train d.h5 --model regnet:8 --epochs 1 -q -o s.h5")
    place.succeeds("nn-eval s.h5 --data d.h5")
    place.succeeds("nn-train d.h5 --model regnet:8 --loss gaussian --lr 1e-3 --epochs 1 -q -o g.h5")
    place.succeeds("nn-predict g.h5 --data d.h5 -q | calib-eval")
    place.succeeds("nn-data synth spirals --count 100 -o c.h5")
    place.succeeds("nn-train c.h5 --model regnet:8 --epochs 1 -q -o c-run.h5")
    place.succeeds("nn-predict c-run.h5 --data c.h5 -q | calib-eval")
    place.fails(
      "nn-train d.h5 --model mlp:8 --loss gaussian --epochs 1 -q -o m.h5", 65,
      "mlp:8 predicts no variances")
    place.succeeds("nn-data synth sinusoid --count 50 -o one.h5")
    place.succeeds("nn-train one.h5 --model regnet:8 --loss gaussian --epochs 1 -q -o v.h5")
    place.fails("nn-eval v.h5 --data c.h5", 65, "regnet:8 predicts a mean and a variance")
    place.write(
      "head.json",
      """
      {"name": "head", "input": [2], "outputs": 2, "layers": [
        {"name": "f", "type": "dense", "outputs": 2}, {"name": "g", "type": "gaussian"}]}
      """)
    place.fails(
      "nn-train c.h5 --model head.json --epochs 1 -q -o h.h5", 65,
      "are classes, but head predicts a mean and a variance")
  }

  private func makeOverflow() throws {
    place.write(
      "n.json",
      """
      {"name": "l", "input": [3], "outputs": 3, "layers": [
        {"name": "fc", "type": "dense", "outputs": 3}]}
      """)
    let file = try HDF5File.create(place.file("m.h5"))
    try file.createDataset("fc.weight", type: .float32, shape: [3, 3]).write(
      [Float](repeating: 3e38, count: 9))
    try file.createDataset("fc.bias", type: .float32, shape: [3]).write([0, 0, 0] as [Float])
    try file.close()
    try place.dataset(
      "d.h5", inputs: (0..<60).map { Float($0 < 12 ? 0 : 10) }, shape: [20, 3],
      classes: (0..<20).map { $0 % 3 })
  }

  @Test func overflowIsAnError() throws {
    try makeOverflow()
    let words = "m.h5: snapshot 0: an output of example 4 of d.h5 is inf"
    place.fails("nn-predict m.h5 --model n.json --data d.h5 -q -o p.h5", 65, words)
    place.fails("nn-predict m.h5 --model n.json --data d.h5 -q --members -o p.h5", 65, words)
    place.fails("nn-eval m.h5 --model n.json --data d.h5 -q", 65, words)
  }

  @Test func statisticsThatOverflow() throws {
    place.makeDigits(train: 40, test: 20)
    place.succeeds("nn-train train.h5 --model small.json --epochs 1 -q -o run.h5")
    let file = try HDF5File.open(place.file("run.h5"), writable: true)
    let weights = try file.dataset("weights/conv1.weight")
    try weights.write([Float](repeating: 3e38, count: weights.shape.reduce(1, *)))
    try file.close()
    place.fails("bn-update run.h5 --data train.h5 -q -o out.h5", 65, "the statistic bn1.running_")
    place.fails("nn-eval run.h5 --data test.h5 -q", 65, "of test.h5 is")
  }

  @Test func pointsBeyondTheRange() throws {
    place.succeeds("nn-data synth spirals --count 50 -o d.h5")
    place.succeeds("nn-train d.h5 --model mlp:4 --epochs 4 -q -o run.h5")
    place.succeeds("subspace-pca run.h5 --rank 2 -q -o pca.h5")
    let command = "subspace-sample pca.h5 --data d.h5 --method grid --samples 3 -q -o s.h5"
    place.fails("\(command) --extent 1e39 --isotropic", 65, "beyond the range of float32")
    place.fails("\(command) --prior-std 1e37 --isotropic", 65, "its log-likelihood is")
  }

  @Test func dataMustBeFinite() {
    place.write("t.csv", "1e39,2,0\n3,4,1\n5,6,0\n")
    place.fails("nn-data csv t.csv -o t.h5", 65, "line 1: column 0: 1e39 is too large for float32")
    place.write("r.csv", "1,2,0\n3,4,-1e40\n")
    place.fails(
      "nn-data csv r.csv --regression -o t.h5", 65,
      "line 2: column 2: -1e40 is too large for float32")
    var images = Data([0, 0, 13, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2])
    for value in [1, 2, Float.nan, 4] {
      withUnsafeBytes(of: value.bitPattern.bigEndian) { images.append(contentsOf: $0) }
    }
    place.write("i.idx", images)
    place.write("l.idx", Data([0, 0, 8, 1, 0, 0, 0, 2, 0, 1]))
    place.fails("nn-data idx i.idx l.idx -o t.h5", 65, "image 1: nan is not a finite number")
  }

  /// Examples without a class, or of classes that the network does not know.
  @Test func predictingWithoutLabels() throws {
    place.makeDigits(train: 60, test: 30)
    place.succeeds("nn-train train.h5 --model mlp:8 --epochs 1 -q -o run.h5")
    place.succeeds("nn-predict run.h5 --data test.h5 -q -o p.h5")
    func probabilities(_ name: String) throws -> [Double] {
      try HDF5File.open(place.file(name)).dataset("probabilities").read(Double.self)
    }
    let source = try HDF5File.open(place.file("test.h5"))
    for (name, targets) in [("none", nil), ("minus", -1), ("more", 12)] as [(String, Int?)] {
      let file = try HDF5File.create(place.file("\(name).h5"))
      for attribute in ["input_mean", "input_std"] {
        try file.setAttribute(attribute, source.doublesAttribute(attribute)!)
      }
      try file.createDataset("inputs", type: .uint8, shape: [30, 1, 28, 28]).write(
        source.dataset("inputs").read(UInt8.self))
      if let targets {
        try file.createDataset("targets", type: .int32, shape: [30]).write(
          [Double](repeating: Double(targets), count: 30))
      }
      try file.close()
      let outcome = place.succeeds("nn-predict run.h5 --data \(name).h5 -o \(name)-p.h5")
      #expect(
        outcome.errors.contains(
          targets == nil ? "has no targets" : "30 of 30 examples are of no class"))
      #expect(try probabilities("\(name)-p.h5") == probabilities("p.h5"))
      place.succeeds("calib-eval p.h5 --ood \(name)-p.h5")
      place.fails("nn-eval run.h5 --data \(name).h5", 65, "\(name).h5")
    }
    place.fails("calib-eval none-p.h5", 65, "targets: missing")
  }

  /// More numbers than one block's sums hold: as many blocks, and the same predictions.
  @Test func predictingInBlocks() throws {
    let rows = 700
    try place.dataset(
      "d.h5", inputs: (0..<2 * rows).map { Float($0 % 97) / 97 }, shape: [rows, 2],
      classes: (0..<rows).map { $0 * 89 % 9001 })
    place.succeeds("nn-train d.h5 --model mlp:2 --epochs 1 --dropout 0.5 -q -o run.h5")
    let command = "nn-predict run.h5 run.h5 --data d.h5 --mc-dropout 2 -q --no-history"
    place.succeeds("\(command) --members -o p.h5")
    let file = try HDF5File.open(place.file("p.h5"))
    let (mean, members) = (
      try file.dataset("probabilities").read(Float.self),
      try file.dataset("members/probabilities").read(Float.self)
    )
    #expect(members.count == 4 * mean.count)
    for i in stride(from: 0, to: mean.count, by: 1009) {
      let sum = (0..<4).reduce(0) { $0 + Double(members[$1 * mean.count + i]) }
      #expect(abs(Double(mean[i]) - sum / 4) < 1e-9)
    }
    for member in 1..<4 {
      #expect(members[0..<9001] != members[(member * mean.count)...].prefix(9001))
    }
  }
}

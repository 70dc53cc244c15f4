import Foundation
import HDF5
import TestSupport
import Testing

@Suite struct NnPredictTests {
  let place = Workplace()

  func array(_ file: String, _ path: String) throws -> [Double] {
    try HDF5File.open(place.file(file)).dataset(path).read(Double.self)
  }

  /// The mean over all snapshots of all files, and the members it is the mean of.
  @Test func membersAndTheirMean() throws {
    place.makeDigits()
    place.succeeds("nn-train train.h5 --model lenet5 --epochs 3 -q -o a.h5")
    place.succeeds("nn-train train.h5 --model mlp:20 --seed 7 --epochs 2 -q -o b.h5")
    place.succeeds("nn-predict a.h5 b.h5 --data test.h5 --members -q -o p.h5")
    let file = try HDF5File.open(place.file("p.h5"))
    #expect(try file.stringAttribute("kind") == "predictions")
    #expect(try file.integerAttribute("snapshot_count") == 5)
    #expect(try file.dataset("probabilities").shape == [100, 10])
    #expect(try file.dataset("members/probabilities").shape == [5, 100, 10])
    let mean = try array("p.h5", "probabilities")
    let members = try array("p.h5", "members/probabilities")
    for i in mean.indices {
      let sum = (0..<5).reduce(0) { $0 + members[$1 * mean.count + i] }
      #expect(abs(mean[i] - sum / 5) < 1e-6)
    }
    // The first member is what predicting with it alone gives.
    place.succeeds("nn-predict 'a.h5[0]' --data test.h5 -q -o first.h5")
    #expect(try array("first.h5", "probabilities") == Array(members.prefix(1000)))
    #expect(try array("p.h5", "targets") == array("test.h5", "targets"))
    // nn-eval's accuracy is that of these probabilities.
    let evaluated = place.succeeds("nn-eval 'a.h5[0]' --data test.h5 -q").table
    let measured = place.succeeds("calib-eval first.h5").table
    let column = measured[0].firstIndex(of: "accuracy")!
    #expect(measured[1][column] == evaluated[1].last)
  }

  /// Every draw is a member of its own, and the seed decides them all.
  @Test func dropoutIsSampled() throws {
    place.makeDigits()
    place.succeeds("nn-train train.h5 --model small.json --dropout 0.3 --epochs 2 -q -o run.h5")
    let command = "nn-predict 'run.h5[-2:]' --data test.h5 --mc-dropout 3 -q --no-history"
    place.succeeds("\(command) --members -o p.h5")
    let file = try HDF5File.open(place.file("p.h5"))
    #expect(try file.integerAttribute("snapshot_count") == 6)
    #expect(try file.dataset("members/probabilities").shape == [6, 100, 10])
    let mean = try array("p.h5", "probabilities")
    let members = try array("p.h5", "members/probabilities")
    for i in mean.indices {
      let sum = (0..<6).reduce(0) { $0 + members[$1 * mean.count + i] }
      #expect(abs(mean[i] - sum / 6) < 1e-6)
    }
    let parts = (0..<6).map { Array(members[$0 * 1000..<($0 + 1) * 1000]) }
    for s in 0..<6 { for t in 0..<s { #expect(parts[s] != parts[t]) } }
    place.succeeds("\(command) --members -o q.h5")
    #expect(place.bytes("p.h5") == place.bytes("q.h5"))
    place.succeeds("\(command) --seed 1 -o other.h5")
    #expect(try array("other.h5", "probabilities") != mean)
    // Members split the entropy.
    let table = place.succeeds("calib-eval p.h5 --metrics members").table
    let column = table[0].firstIndex(of: "mutual_information_nats")!
    #expect(Double(table[1][column])! > 0)
    place.succeeds("nn-train train.h5 --model lenet5 --epochs 1 -q -o plain.h5")
    place.fails(
      "nn-predict plain.h5 --data test.h5 --mc-dropout 3 -q -o out.h5", 65,
      "plain.h5: the network has no dropout to sample")
    place.fails("nn-predict run.h5 --data test.h5 --mc-dropout 0 -q -o out.h5", 64, "--mc-dropout")
    for input in ["run.h5", "test.h5"] {
      place.fails("nn-predict run.h5 --data test.h5 -q -o \(input)", 73, "\(input): is an input")
    }
  }

  /// softmax of PyTorch's outputs with running statistics: probabilities are at most 1, so that
  /// outputs to 1e-5 of their largest, which is below 10, change them by less than 1e-4.
  @Test(arguments: ["preresnet20", "preresnet56", "lenet5", "wrn10x1", "mlp"])
  func golden(_ name: String) throws {
    let golden = try PyTorchGolden(name)
    try place.write(golden, stateDict: "net.h5", data: "data.h5")
    place.succeeds("nn-predict net.h5 --model \(golden.model) --data data.h5 -q -o p.h5")
    let found = try array("p.h5", "probabilities")
    let classes = golden.outputs
    #expect(found.count == golden.outputsInEvaluation.count)
    for n in 0..<golden.count {
      let own = golden.outputsInEvaluation[(n * classes)..<((n + 1) * classes)]
      let row = own.map { exp($0 - own.max()!) }
      let sum = row.reduce(0, +)
      for c in 0..<classes {
        #expect(abs(found[n * classes + c] - row[c] / sum) < 1e-4)
      }
    }
  }

  @Test func goldenRegression() throws {
    let golden = try PyTorchGolden("regnet")
    try place.write(golden, stateDict: "net.h5", data: "data.h5")
    place.succeeds("nn-predict net.h5 --model \(golden.model) --data data.h5 -q -o p.h5")
    let outputs = golden.outputsInEvaluation
    let mean = try array("p.h5", "mean")
    let variance = try array("p.h5", "variance")
    #expect(mean.count == golden.count && variance.count == golden.count)
    for n in 0..<golden.count {
      #expect(abs(mean[n] - outputs[2 * n]) < 1e-5 * max(1, abs(outputs[2 * n])))
      #expect(abs(variance[n] - outputs[2 * n + 1]) < 1e-5 * max(1, outputs[2 * n + 1]))
    }
  }

  @Test func badInput() throws {
    place.makeDigits(train: 20, test: 10)
    let rest = "--data test.h5 -q -o out.h5"
    place.succeeds("nn-train train.h5 --model small.json --epochs 2 -q -o run.h5")
    place.fails("nn-predict none.h5 \(rest)", 66, "nn-predict: none.h5: no such file\n")
    place.fails("nn-predict . \(rest)", 65, "is a directory")
    place.fails("nn-predict run.h5 none.h5 \(rest)", 66, "none.h5: no such file")
    place.fails("nn-predict test.h5 \(rest)", 65, "holds dataset")
    place.write("empty.h5", "")
    place.fails("nn-predict empty.h5 \(rest)", 65, "is empty")
    place.write("cut.h5", place.bytes("run.h5").prefix(5000))
    place.fails("nn-predict cut.h5 \(rest)", 65, "cut.h5: truncated HDF5 file")
    place.succeeds("swa-avg run.h5 -o swa.h5")
    place.fails("nn-predict swa.h5 \(rest)", 65, "run bn-update")
    place.fails("nn-predict run.h5 swa.h5 \(rest)", 65, "swa.h5: buffers")
    place.fails(
      "nn-predict run.h5 --model lenet5 \(rest)", 65, "run.h5: weights/conv_part.0.weight")
    place.fails("nn-predict run.h5 --data run.h5 -q -o out.h5", 65, "not a data set")
    place.fails("nn-predict run.h5 -q -o out.h5", 64, "--data")
    place.fails("nn-predict run.h5 \(rest) --unknown", 64, "unknown option")
    place.succeeds("nn-data select test.h5 --classes 0,1 -o two.h5")
    place.succeeds("nn-train two.h5 --model mlp:3 --epochs 1 -q -o two-run.h5")
    place.fails("nn-predict run.h5 two-run.h5 --data two.h5 -q -o out.h5", 65, "2 outputs")
    place.succeeds("nn-data synth sinusoid -o sine.h5")
    place.fails("nn-predict run.h5 --data sine.h5 -q -o out.h5", 65, "sine.h5: inputs")
    let file = try HDF5File.open(place.file("run.h5"), writable: true)
    let variance = try file.dataset("buffers/bn2.running_var")
    try variance.write([Float](repeating: -1, count: variance.shape.reduce(1, *)))
    try file.close()
    place.fails("nn-predict run.h5 \(rest)", 65, "buffers/bn2.running_var: a negative variance")
  }
}

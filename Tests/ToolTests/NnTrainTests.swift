import Foundation
import HDF5
import TestSupport
import Testing

/// nn-train: what it prints and writes.
@Suite struct NnTrainTests {
  let place = Workplace()

  @Test func theTable() throws {
    place.makeDigits()
    let table = place.succeeds(
      """
      nn-train train.h5 --model lenet5 --validation test.h5 --epochs 3 --schedule swa \
        --swa-start 2 --swa-lr 0.01 --lr 0.03 -q -o run.h5
      """
    ).table
    #expect(
      table[0] == [
        "epoch", "learning_rate", "train_loss", "train_accuracy", "validation_loss",
        "validation_accuracy", "seconds",
      ])
    #expect(table.dropFirst().map { $0[0] } == ["1", "2", "3"])
    #expect(table.dropFirst().map { $0[1] } == ["0.03", "0.03", "0.01"])
    let losses = table.dropFirst().map { Double($0[2])! }
    #expect(losses[2] < losses[0])
    // Snapshots from --swa-start on, with their columns.
    let file = try HDF5File.open(place.file("run.h5"))
    #expect(try file.dataset("committed").read(Int64.self) == [2])
    #expect(try file.dataset("snapshots/epoch").read(Double.self) == [2, 3])
    #expect(try file.dataset("snapshots/step").read(Double.self) == [4, 6])
    #expect(try file.dataset("snapshots/learning_rate").read(Double.self) == [0.03, 0.01])
    #expect(!file.exists("buffers"))
    // What nn-eval finds for the last snapshot is what validation found.
    let evaluated = place.succeeds("nn-eval run.h5 --data test.h5 -q").table
    #expect(Array(evaluated[2].suffix(2)) == Array(table[3][4...5]))
  }

  @Test func json() throws {
    place.makeDigits()
    let outcome = place.succeeds(
      "nn-train train.h5 --model mlp:10 --epochs 2 --json -q -o run.h5")
    let rows = try #require(
      JSONSerialization.jsonObject(with: outcome.outputBytes) as? [[String: Any]])
    #expect(rows.map { $0["epoch"] as? Int } == [1, 2])
  }

  @Test func snapshotOptions() throws {
    place.makeDigits(train: 100)
    func epochs(_ options: String) throws -> [Double] {
      place.succeeds(
        "nn-train train.h5 --model mlp:4 -b 20 --overwrite -q -o run.h5 \(options)")
      return try HDF5File.open(place.file("run.h5")).dataset("snapshots/epoch").read(Double.self)
    }
    #expect(try epochs("--epochs 5 --snapshot-every 2") == [1, 3, 5])
    #expect(try epochs("--epochs 3 --snapshot-from 2") == [2, 3])
    #expect(try epochs("--epochs 1 --snapshots-per-epoch 2") == [0.6, 1])
    #expect(try epochs("--epochs 1 --snapshots-per-epoch 1000000") == [0.2, 0.4, 0.6, 0.8, 1])
    #expect(
      try epochs("--epochs 8 --schedule cyclic --cycle 4 --lr-min 0.001 --snapshot-at cycle-end")
        == [2, 6])
    #expect(
      try epochs("--epochs 7 --schedule cosine --t0 1 --t-mult 2 --snapshot-at cycle-end")
        == [1, 3, 7])
  }

  /// A built-in network written out as JSON and given back as a file is the same network.
  @Test func printedArchitecture() throws {
    place.makeDigits()
    place.succeeds("nn-train train.h5 --model lenet5 --print-architecture > lenet.json")
    place.succeeds("nn-train train.h5 --model lenet5 --epochs 1 -q -o a.h5")
    place.succeeds("nn-train train.h5 --model lenet.json --epochs 1 -q -o b.h5")
    try place.expectSameContents("a.h5", "b.h5")
    #expect(try HDF5File.open(place.file("b.h5")).stringAttribute("architecture") != nil)
  }

  /// `--init` starts from the last snapshot, weights and statistics. Without momentum, decay and
  /// dropout, and with all examples in one batch, an epoch is a function of these alone but for the
  /// order of the examples, in which sums of 200 Floats are rounded: 200 ε/2 = 1.2e-5 of a gradient.
  @Test func initialWeights() throws {
    place.makeDigits()
    place.write("plain.json", Workplace.smallNetwork.replacing("0.1", with: "0"))
    let options = "--model plain.json --momentum 0 --wd 0 -b 200 -q --seed 3"
    place.succeeds("nn-train train.h5 \(options) --epochs 2 -o whole.h5")
    place.succeeds("nn-train train.h5 \(options) --epochs 1 -o first.h5")
    place.succeeds("nn-train train.h5 \(options) --epochs 1 --init first.h5 -o second.h5")
    func array(_ name: String, _ path: String) throws -> [Double] {
      try HDF5File.open(place.file(name)).dataset(path).read(Double.self)
    }
    for path in [
      "snapshots/train_loss", "weights/conv1.weight", "weights/fc.weight",
      "buffers/bn2.running_mean", "buffers/bn2.running_var",
    ] {
      let whole = try array("whole.h5", path)
      let half = whole.count / 2
      let error = relativeError(try array("second.h5", path), whole[half...])
      #expect(error < 2e-5, "\(path) differs by \(error)")
      #expect(relativeError(whole[..<half], whole[half...]) > 1e-3, "\(path) does not move")
    }
    // The architecture comes with the weights.
    place.succeeds("nn-train train.h5 --init first.h5 --epochs 1 -q -o third.h5")
  }

  @Test func regression() throws {
    place.succeeds("nn-data synth sinusoid --count 200 -o sine.h5")
    let squared = place.succeeds(
      "nn-train sine.h5 --model mlp:20 --optimizer adamw --lr 0.01 --epochs 30 -q -o mean.h5"
    ).table
    #expect(squared[0][3] == "train_rmse")
    #expect(Double(squared[30][3])! < Double(squared[1][3])!)
    place.succeeds(
      """
      nn-train sine.h5 --model regnet:20,20 --loss gaussian --optimizer adamw --lr 0.01 \
        --epochs 30 -q -o noise.h5
      """)
    let evaluated = place.succeeds("nn-eval noise.h5 --last 1 --data sine.h5 -q").table
    #expect(evaluated[0].last == "rmse")
    place.succeeds("nn-predict noise.h5 --last 5 --data sine.h5 -q -o p.h5")
    let file = try HDF5File.open(place.file("p.h5"))
    let parts = try ["variance", "aleatoric_variance", "epistemic_variance"].map {
      try file.dataset($0).read(Double.self)
    }
    for i in 0..<200 {
      #expect(abs(parts[0][i] - parts[1][i] - parts[2][i]) < 1e-6 * parts[0][i])
      #expect(parts[1][i] > 0 && parts[2][i] >= 0)
    }
    place.succeeds("calib-eval p.h5")
  }

  /// Sizes at the edge: one example, a batch beyond all examples, one value per channel.
  @Test func smallAndLarge() throws {
    place.makeDigits(train: 1, test: 1)
    place.succeeds("nn-train train.h5 --model small.json --epochs 2 -q -o one.h5")
    place.succeeds("bn-update one.h5 --data train.h5 -b 1 -q -o fresh.h5")
    place.succeeds("nn-eval fresh.h5 --data test.h5 -b 999999999999 -q")
    place.succeeds(
      """
      nn-train train.h5 --model lenet5 --batch-size 9223372036854775807 --epochs 1 -q -o huge.h5
      """)
    try place.dataset("flat.h5", inputs: [1, 2, 3], shape: [3], classes: [0, 1, 0])
    place.succeeds("nn-train flat.h5 --model mlp:3 --epochs 2 -b 1 -q -o flat-run.h5")
    place.succeeds("nn-predict flat-run.h5 --data flat.h5 -q -o flat-p.h5")
  }

  /// Ten steps from PyTorch's weights on PyTorch's batch give PyTorch's losses, within the 1e-3 that
  /// ten steps of Float with their kinks leave.
  @Test func goldenLosses() throws {
    let golden = try PyTorchGolden("preresnet20")
    try place.write(golden, stateDict: "net.h5", data: "data.h5")
    let sgd = try #require(golden.sgd)
    let table = place.succeeds(
      """
      nn-train data.h5 --model \(golden.model) --init net.h5 --epochs 10 \
        --batch-size \(golden.count) --schedule constant --lr \(sgd.rate) \
        --momentum \(sgd.momentum) --weight-decay \(sgd.weightDecay) -q -o run.h5
      """
    ).table
    let found = table.dropFirst().map { Double($0[2])! }
    #expect(found.count == 10)
    for (x, y) in zip(found, sgd.losses) {
      #expect(abs(x - y) < 1e-3 * max(1, abs(y)), "\(x), not \(y)")
    }
  }
}

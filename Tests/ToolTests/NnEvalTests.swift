import Foundation
import HDF5
import Testing

@Suite struct NnEvalTests {
  let place = Workplace()

  /// A row for each snapshot with its own columns; selections as everywhere.
  @Test func rowsAndColumns() throws {
    place.makeDigits()
    place.succeeds("nn-train train.h5 --model small.json --epochs 3 -q -o run.h5")
    let table = place.succeeds("nn-eval run.h5 --data test.h5 -q").table
    #expect(
      table[0] == [
        "file", "index", "step", "epoch", "learning_rate", "train_loss", "loss", "accuracy",
      ])
    #expect(
      table.dropFirst().map { $0[0...1].joined(separator: " ") }
        == ["run.h5 0", "run.h5 1", "run.h5 2"])
    let last = place.succeeds("nn-eval run.h5 --last 1 --data test.h5 -q").table
    #expect(last[1] == table[3])
    let operand = place.succeeds("nn-eval 'run.h5[::2]' --data test.h5 -q").table
    #expect(Array(operand.dropFirst()) == [table[1], table[3]])
    let several = place.succeeds("nn-eval run.h5 run.h5 --from -1 --data test.h5 -q").table
    #expect(Array(several.dropFirst()) == [table[3], table[3]])
    let json = place.succeeds("nn-eval run.h5 --data test.h5 -q --json")
    let rows = try #require(
      JSONSerialization.jsonObject(with: json.outputBytes) as? [[String: Any]])
    #expect(rows.count == 3 && rows[2]["index"] as? Int == 2)
  }

  /// Neither the batch size nor the threads change what is found by more than rounding.
  @Test func batchesAndThreads() throws {
    place.makeDigits()
    place.succeeds("nn-train train.h5 --model small.json --epochs 2 -q -o run.h5")
    func loss(_ options: String) -> Double {
      let table = place.succeeds("nn-eval run.h5 --last 1 --data test.h5 -q \(options)").table
      return Double(table[1][6])!
    }
    let reference = loss("")
    for options in ["-b 1", "-b 7", "-b 100", "-b 4096", "-@ 1", "--threads 3"] {
      #expect(abs(loss(options) - reference) < 1e-5 * reference)
    }
  }

  /// A state dict as h5py writes it, its tensors in any order, is evaluated as it is.
  @Test func stateDicts() throws {
    place.makeDigits()
    place.succeeds("nn-train train.h5 --model small.json --epochs 2 -q -o run.h5")
    try place.stateDict("dict.h5", from: "run.h5", snapshot: 1)
    let own = place.succeeds("nn-eval run.h5 --last 1 --data test.h5 -q").table
    let dict = place.succeeds("nn-eval dict.h5 --model small.json --data test.h5 -q").table
    #expect(own[1].suffix(2) == dict[1].suffix(2))
    place.fails("nn-eval dict.h5 --data test.h5 -q", 65, "name it with --model")
    place.fails(
      "nn-eval dict.h5 --model lenet5 --data test.h5 -q", 65,
      "dict.h5: weights/conv_part.0.weight: for lenet5: not in dict.h5")
  }

  /// Averaged weights have no statistics: refused, and the mend is named.
  @Test func averagedWeightsNeedStatistics() throws {
    place.makeDigits()
    place.succeeds("nn-train train.h5 --model small.json --epochs 2 -q -o run.h5")
    place.succeeds("swa-avg run.h5 -o swa.h5")
    place.fails("nn-eval swa.h5 --data test.h5 -q", 65, "run bn-update")
    place.fails("nn-eval run.h5 swa.h5 --data test.h5 -q", 65, "swa.h5: buffers")
    place.succeeds("bn-update swa.h5 --data train.h5 -q -o fresh.h5")
    place.succeeds("nn-eval fresh.h5 --data test.h5 -q")
  }

  @Test func badInput() throws {
    place.makeDigits(train: 20, test: 10)
    place.succeeds("nn-train train.h5 --model lenet5 --epochs 1 -q -o run.h5")
    place.fails("nn-eval none.h5 --data test.h5", 66, "nn-eval: none.h5: no such file\n")
    place.fails("nn-eval run.h5 --data none.h5", 66, "none.h5: no such file")
    place.fails("nn-eval . --data test.h5", 65, "is a directory")
    place.write("empty.h5", "")
    place.fails("nn-eval empty.h5 --data test.h5", 65, "is empty")
    place.fails("nn-eval run.h5 --data empty.h5", 65, "is empty")
    place.write("cut.h5", place.bytes("run.h5").prefix(30000))
    place.fails("nn-eval cut.h5 --data test.h5", 65, "cut.h5: truncated HDF5 file")
    place.fails("nn-eval test.h5 --data test.h5", 65, "holds dataset")
    place.fails("nn-eval run.h5 --data run.h5", 65, "not a data set")
    place.fails("nn-eval run.h5 --data test.h5 --from 5", 65, "no snapshot is selected")
    place.fails("nn-eval run.h5", 64, "--data")
    place.fails("nn-eval run.h5 --data test.h5 --unknown", 64, "unknown option")
    place.fails("nn-eval run.h5 --data test.h5 -b 0", 64, "--batch-size")
    place.fails("true | nn-eval --data test.h5", 65, "standard input: is empty")
    try place.dataset(
      "wide.h5", inputs: [Float](repeating: 0, count: 2 * 32 * 32), shape: [2, 1, 32, 32],
      classes: [0, 1])
    place.fails("nn-eval run.h5 --data wide.h5", 65, "wide.h5: inputs: examples have shape")
    try place.dataset(
      "labels.h5", inputs: [Float](repeating: 0, count: 2 * 784), shape: [2, 1, 28, 28],
      classes: [0, 10])
    place.fails("nn-eval run.h5 --data labels.h5", 65, "labels.h5: targets: class 10 in row 1")
    let file = try HDF5File.open(place.file("run.h5"), writable: true)
    try file.dataset("weights/fc_part.0.bias").write([Float](repeating: .nan, count: 500))
    try file.close()
    place.fails("nn-eval run.h5 --data test.h5", 65, "run.h5: weights/fc_part.0.bias")
  }
}

import Foundation
import HDF5
import Testing

@Suite struct BnUpdateTests {
  let place = Workplace()

  func array(_ file: String, _ path: String) throws -> [Double] {
    try HDF5File.open(place.file(file)).dataset(path).read(Double.self)
  }

  /// A 1×1 convolution that copies the input, so that the statistics of the BatchNorm behind it are
  /// those of the normalised inputs, computed here by hand: Σ b · mean / N and
  /// Σ b · (unbiased variance) / N over the batches in the order of the file's own shuffling. With
  /// all examples in one batch the order does not matter.
  @Test func oneBatchByHand() throws {
    place.makeDigits(train: 50)
    place.write(
      "copy.json",
      """
      {"name": "copy", "input": [1, 28, 28], "outputs": 10, "layers": [
        {"name": "c", "type": "convolution", "outputs": 1, "kernel": 1},
        {"name": "n", "type": "batch-norm"}, {"name": "flat", "type": "flatten"},
        {"name": "fc", "type": "dense", "outputs": 10}]}
      """)
    place.succeeds("nn-train train.h5 --model copy.json --epochs 1 -q -o run.h5")
    let file = try HDF5File.open(place.file("run.h5"), writable: true)
    try file.dataset("weights/c.weight").write([Float(1)])
    try file.dataset("weights/c.bias").write([Float(0)])
    try file.close()
    place.succeeds("bn-update run.h5 --data train.h5 -b 50 -q -o fresh.h5")
    let data = try HDF5File.open(place.file("train.h5"))
    let mean = try data.doublesAttribute("input_mean")![0]
    let std = try data.doublesAttribute("input_std")![0]
    let x = try array("train.h5", "inputs").map { ($0 / 255 - mean) / std }
    let average = x.reduce(0, +) / Double(x.count)
    let squares = x.map { ($0 - average) * ($0 - average) }.reduce(0, +)
    let variance = squares / Double(x.count - 1)
    // Float sums of n = 39200 squares, one after the other: at most n ε / 2 = 1.2e-3 of their size.
    #expect(try abs(array("fresh.h5", "buffers/n.running_mean")[0] - average) < 1e-5)
    #expect(try abs(array("fresh.h5", "buffers/n.running_var")[0] - variance) < 1.2e-3)
    // Weights and columns pass through.
    for path in ["weights/c.weight", "weights/fc.weight", "snapshots/train_loss"] {
      #expect(try array("fresh.h5", path) == array("run.h5", path))
    }
  }

  /// Every snapshot gets its own statistics, whatever stands beside it.
  @Test func everySnapshotForItself() throws {
    place.makeDigits()
    place.succeeds("nn-train train.h5 --model small.json --epochs 3 -q -o run.h5")
    let options = "--data train.h5 --augment crop,flip -b 32 -q"
    place.succeeds("bn-update run.h5 \(options) -o all.h5")
    for i in 0..<3 {
      place.succeeds("bn-update 'run.h5[\(i)]' \(options) -o one.h5")
      let path = "buffers/bn2.running_var"
      #expect(try array("one.h5", path) == Array(array("all.h5", path)[(8 * i)..<(8 * i + 8)]))
    }
    place.succeeds("bn-update run.h5 --last 1 \(options) --seed 1 -o other.h5")
    #expect(
      try array("other.h5", "buffers/bn2.running_var") != array("one.h5", "buffers/bn2.running_var")
    )
  }

  /// A part of the batches gives other statistics, close to the whole's; the same each time.
  @Test func fraction() throws {
    place.makeDigits(train: 400)
    place.succeeds("nn-train train.h5 --model small.json --epochs 2 -q -o run.h5")
    place.succeeds("swa-avg run.h5 -o swa.h5")
    func statistics(_ options: String) throws -> [Double] {
      place.succeeds("bn-update swa.h5 --data train.h5 -b 20 -q \(options) -o fresh.h5")
      return try array("fresh.h5", "buffers/bn1.running_var")
    }
    let whole = try statistics("")
    #expect(try statistics("--fraction 1") == whole)
    let half = try statistics("--fraction 0.5")
    #expect(try half != whole && statistics("--fraction 0.5") == half)
    for (x, y) in zip(half, whole) { #expect(abs(x - y) < 0.3 * y) }
    // Less than a batch is one batch.
    #expect(try statistics("--fraction 0.001") == statistics("--fraction 0.05"))
  }

  /// A network without BatchNorm passes through.
  @Test func nothingToDo() throws {
    place.makeDigits(train: 20)
    place.succeeds("nn-train train.h5 --model lenet5 --epochs 2 -q -o run.h5")
    place.succeeds("bn-update run.h5 --data train.h5 -q -o fresh.h5")
    try place.expectSameContents("run.h5", "fresh.h5")
  }

  @Test func badInput() throws {
    place.makeDigits(train: 20, test: 10)
    let rest = "--data train.h5 -q -o out.h5"
    place.succeeds("nn-train train.h5 --model small.json --epochs 1 -q -o run.h5")
    place.fails("bn-update none.h5 \(rest)", 66, "bn-update: none.h5: no such file\n")
    place.fails("bn-update . \(rest)", 65, "is a directory")
    place.fails("bn-update train.h5 \(rest)", 65, "holds dataset")
    place.write("empty.h5", "")
    place.fails("bn-update empty.h5 \(rest)", 65, "is empty")
    place.write("cut.h5", place.bytes("run.h5").prefix(5000))
    place.fails("bn-update cut.h5 \(rest)", 65, "cut.h5: truncated HDF5 file")
    place.fails("bn-update run.h5 --data none.h5 -q -o out.h5", 66, "none.h5: no such file")
    place.fails("bn-update run.h5 --data run.h5 -q -o out.h5", 65, "not a data set")
    place.fails("bn-update run.h5 \(rest) --model lenet5", 65, "run.h5: weights/conv_part.0.weight")
    for fraction in ["0", "1.5", "nan", "-0.5"] {
      place.fails("bn-update run.h5 \(rest) --fraction=\(fraction)", 64, "--fraction")
    }
    place.fails("bn-update run.h5 -q -o out.h5", 64, "--data")
    place.fails("bn-update run.h5 run.h5 \(rest)", 64, "run.h5")
    place.fails("bn-update run.h5 \(rest) --from 1", 65, "no snapshot is selected")
    let file = try HDF5File.open(place.file("run.h5"), writable: true)
    try file.dataset("weights/fc.bias").write([Float](repeating: .infinity, count: 10))
    try file.close()
    place.fails("bn-update run.h5 \(rest)", 65, "run.h5: weights/fc.bias: an infinity")
  }
}

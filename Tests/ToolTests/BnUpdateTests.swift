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
    // Sums are in Double; the normalised inputs, of the order 1, are rounded to Float (6e-8 each), and so
    // is the result.
    #expect(try abs(array("fresh.h5", "buffers/n.running_mean")[0] - average) < 1e-6)
    #expect(try abs(array("fresh.h5", "buffers/n.running_var")[0] - variance) < 1e-6)
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

  /// So much of the shuffled batches as is asked for, rounded up to whole ones. Image n has the value
  /// 2ⁿ everywhere, so that the mean of those that went through a BatchNorm tells which they were.
  @Test func fraction() throws {
    let count = 16
    try place.dataset(
      "powers.h5", inputs: (0..<count).flatMap { [Float](repeating: Float(1 << $0), count: 16) },
      shape: [count, 1, 4, 4], classes: [Int](repeating: 0, count: count))
    place.write(
      "norm.json",
      """
      {"name": "norm", "input": [1, 4, 4], "outputs": 1, "layers": [
        {"name": "n", "type": "batch-norm"}, {"name": "flat", "type": "flatten"},
        {"name": "fc", "type": "dense", "outputs": 1}]}
      """)
    place.succeeds("nn-train powers.h5 --model norm.json --lr 1e-9 --epochs 1 -q -o run.h5")
    /// The images that a part of the batches, each of two, holds, as bits.
    func images(_ options: String, of expected: Int) throws -> Int {
      place.succeeds("bn-update run.h5 --data powers.h5 -b 2 -q \(options) -o fresh.h5")
      let sum = try array("fresh.h5", "buffers/n.running_mean")[0] * Double(expected)
      #expect(abs(sum - sum.rounded()) < 1e-2, "\(options): \(sum)")
      #expect(Int(sum.rounded()).nonzeroBitCount == expected, "\(options): \(sum)")
      return Int(sum.rounded())
    }
    #expect(try images("", of: count) == 1 << count - 1)
    #expect(try images("--fraction 1", of: count) == 1 << count - 1)
    let half = try images("--fraction 0.5", of: 8)
    #expect(try images("--fraction 0.5", of: 8) == half)
    #expect(try images("--fraction 0.5 --seed 1", of: 8) != half)
    // A smaller part is the beginning of a larger; less than a batch is one batch.
    let part = try images("--fraction 0.25", of: 4)
    #expect(part & half == part)
    let least = try images("--fraction 0.001", of: 2)
    #expect(least & part == least)
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

import Foundation
import HDF5
import Testing
import TrajectoryFiles
import WeightSpace

@Suite struct CurveFitTests {
  let place = Workplace()

  /// `a.h5` and `b.h5`: two networks with BatchNorm, trained from different seeds.
  func makeEnds(_ options: String = "--epochs 2") {
    place.makeDigits()
    for (name, seed) in [("a", 1), ("b", 2)] {
      place.succeeds(
        "nn-train train.h5 --model small.json \(options) --seed \(seed) -q -o \(name).h5")
    }
  }

  /// Every weight (or statistic) of one row of a file, tensor by tensor.
  func row(_ name: String, _ index: Int, _ group: String = "weights") throws -> [[UInt32]] {
    let file = try HDF5File.open(place.file(name))
    return try file.children(of: group).map { child in
      let dataset = try file.dataset("\(group)/\(child.name)")
      let shape = Array(dataset.shape.dropFirst())
      let values = try dataset.read(
        Float.self, start: [index] + shape.map { _ in 0 }, count: [1] + shape)
      return values.map(\.bitPattern)
    }
  }

  /// The bits of a snapshot's weights and statistics, however they are stored.
  func snapshot(_ name: String, _ index: Int) throws -> [UInt32] {
    let reader = try TrajectoryReader(place.file(name))
    let layout = try #require(reader.bufferLayout)
    var weights = WeightVector(count: reader.layout.count)
    var buffers = WeightVector(count: layout.count)
    try reader.readWeights(index, into: &weights)
    try reader.readBuffers(index, into: &buffers)
    return (weights.elements + buffers.elements).map(\.bitPattern)
  }

  /// The ends stay to the last bit, the bend moves, the loss on the curve falls.
  @Test func trainsTheBend() throws {
    makeEnds()
    let table = place.succeeds(
      "curve-fit a.h5 b.h5 --data train.h5 --epochs 16 --lr 0.05 -b 20 --validation test.h5 -q"
        + " -o curve.h5"
    ).table
    #expect(
      table[0] == [
        "epoch", "learning_rate", "train_loss", "train_accuracy", "validation_loss",
        "validation_accuracy", "seconds",
      ])
    #expect(table.count == 17)
    let (first, last) = (Double(table[1][2])!, Double(table[16][2])!)
    #expect(last < 0.9 * first)

    let file = try HDF5File.open(place.file("curve.h5"))
    #expect(try file.stringAttribute("kind") == "curve")
    #expect(try file.stringAttribute("curve") == "bezier")
    #expect(try file.dataset("weights/conv1.weight").shape == [3, 8, 1, 3, 3])
    #expect(!file.exists("buffers"))
    #expect(try file.stringsAttribute("history")?.count == 4)
    #expect(try row("curve.h5", 0) == row("a.h5", 1))
    #expect(try row("curve.h5", 2) == row("b.h5", 1))
    // The validation is that of the middle as the other tools find it.
    place.succeeds(
      "curve-sample curve.h5 --points 3 -q | bn-update --data train.h5 -b 20 -q -o points.h5")
    let middle = place.succeeds("nn-eval points.h5 --from 1 --to 2 --data test.h5 -q").table[1]
    let (loss, accuracy) = (Double(middle[3])!, middle[4])
    // Six digits are printed.
    #expect(abs(loss - Double(table[16][4])!) <= 2e-5 * loss)
    #expect(accuracy == table[16][5])
  }

  /// At t = 0 and 1 weights and statistics, and so predictions, are those of the ends to the last
  /// bit.
  @Test func endsPredictAsTheyDo() throws {
    makeEnds("--epochs 1")
    place.succeeds("curve-fit a.h5 b.h5 --data train.h5 --epochs 1 -q -o curve.h5")
    place.succeeds("curve-sample curve.h5 --points 5 -q -o affine.h5")
    place.succeeds("bn-update affine.h5 --data train.h5 -q -o points.h5")
    // The points stay mixtures of three weights, each with its own statistics and position.
    let points = try HDF5File.open(place.file("points.h5"))
    #expect(!points.exists("weights"))
    #expect(try points.dataset("components/fc.bias").shape == [3, 10])
    #expect(try points.dataset("buffers/bn1.running_mean").shape == [5, 8])
    #expect(try points.dataset("snapshots/t").read(Double.self) == [0, 0.25, 0.5, 0.75, 1])
    place.succeeds("bn-update 'affine.h5[1:4:2]' --data train.h5 -q -o part.h5")
    #expect(try snapshot("part.h5", 1) == snapshot("points.h5", 3))
    let part = try TrajectoryReader(place.file("part.h5"))
    #expect(part.columns.first { $0.name == "t" }?.values == [0.25, 0.75])
    for (name, index) in [("a", 0), ("b", 4)] {
      place.succeeds("bn-update \(name).h5 --data train.h5 -q -o fresh-\(name).h5")
      #expect(try snapshot("points.h5", index) == snapshot("fresh-\(name).h5", 0))
      let end = place.succeeds("nn-eval fresh-\(name).h5 --data test.h5 -q --json")
      let point = place.succeeds(
        "nn-eval 'points.h5[\(index)]' --data test.h5 -q --json")
      let numbers = { (outcome: Workplace.Outcome) in
        outcome.output.split(separator: ",").filter {
          $0.contains("loss\": ") && !$0.contains("train")
        }
      }
      #expect(!numbers(end).isEmpty && numbers(end) == numbers(point))
    }
  }

  /// The same command writes the same bytes; every kind of curve and optimiser can be asked for.
  @Test func variants() throws {
    makeEnds("--epochs 1")
    let command = "curve-fit a.h5 b.h5 --data train.h5 --epochs 1 -q --no-history"
    for options in [
      "", "--curve polychain --bends 3", "--optimizer adamw --bends 2 --augment crop",
    ] {
      place.succeeds("\(command) \(options) -o one.h5")
      place.succeeds("\(command) \(options) -o two.h5")
      place.succeeds("cmp one.h5 two.h5")
    }
    place.succeeds("\(command) --curve polychain --bends 3 -o chain.h5")
    let file = try HDF5File.open(place.file("chain.h5"))
    #expect(try file.stringAttribute("curve") == "polychain")
    #expect(try file.dataset("weights/fc.bias").shape == [5, 10])
    place.succeeds("\(command) | curve-sample --points 2 | bn-update --data train.h5 -o p.h5")
    place.succeeds("\(command) --seed 1 -o other.h5")
    #expect(place.run("cmp one.h5 other.h5").status == 1)
  }

  /// Stopped after any epoch and gone on with, a curve has the bits of one that was not; what is in
  /// the file meanwhile is a whole curve.
  @Test func resume() throws {
    makeEnds("--epochs 1")
    for options in [
      "--momentum 0", "--optimizer sgld --bends 2", "--optimizer schedule-free",
      "--transform lookahead --objective sam", "--optimizer entropy-sgd:steps=2 --transform clip=1",
      "--bends 2 --augment crop", "--optimizer adamw",
    ] {
      let command = "curve-fit a.h5 b.h5 --data train.h5 -q --no-history --resume \(options)"
      place.succeeds("rm -f part.h5 whole.h5")
      let whole = place.succeeds("\(command) --epochs 3 -o whole.h5").table
      let first = place.succeeds("\(command) --epochs 1 -o part.h5").table
      place.succeeds("curve-sample part.h5 --points 3 -q -o /dev/null")
      let rest = place.succeeds("\(command) --epochs 3 -o part.h5").table
      #expect(place.haveSameBytes("whole.h5", "part.h5"))
      // All but the seconds.
      #expect(
        (first.dropFirst() + rest.dropFirst()).map { $0.dropLast() }
          == whole.dropFirst().map { $0.dropLast() })
      place.succeeds("\(command) --epochs 3 -o part.h5")
      #expect(place.haveSameBytes("whole.h5", "part.h5"))
    }
    // The state changes nothing for others: rows and kind are those of a curve that keeps none.
    place.succeeds(
      "curve-fit a.h5 b.h5 --data train.h5 -q --optimizer adamw --epochs 3 -o plain.h5")
    for i in 0..<3 { #expect(try row("plain.h5", i) == row("whole.h5", i)) }

    let command = "curve-fit a.h5 b.h5 --data train.h5 -q --resume --epochs 4"
    place.fails("\(command)", 64, "--resume needs -o")
    place.fails("\(command) --optimizer adamw -o plain.h5", 65, "plain.h5: keeps no state")
    place.fails("\(command) -o whole.h5", 65, "--learning-rate was 0.001, not 0.05")
    place.fails("\(command) --optimizer adamw -o a.h5", 73, "a.h5: is an input")
    place.fails(
      "curve-fit b.h5 a.h5 --data train.h5 -q --resume --optimizer adamw -o whole.h5", 65,
      "the first end has other weights")
    place.write("text", "no HDF5")
    place.fails("\(command) -o text", 65, "text: ")
  }

  /// Killed at any moment, what is there goes on to the same bytes.
  @Test func killed() throws {
    makeEnds("--epochs 1")
    let command =
      "curve-fit a.h5 b.h5 --data train.h5 -q --no-history --resume --epochs 8 --threads 1"
    let start = Date()
    place.succeeds("\(command) -o whole.h5")
    let duration = Date().timeIntervalSince(start)
    for crash in 0..<4 {
      let delay = Double.random(in: 0...duration)
      _ = place.run("\(command) -o run.h5 > table & sleep \(delay); kill -9 $!; wait")
      if place.exists("run.h5") { place.succeeds("curve-sample run.h5 --points 2 -q -o /dev/null") }
      place.succeeds("\(command) -o run.h5")
      #expect(place.haveSameBytes("whole.h5", "run.h5"), "crash \(crash) after \(delay) s")
      place.succeeds("rm run.h5")
    }
  }

  /// With a rate that moves nothing the bend stays on the line, and the reported loss is the mean of
  /// the loss plus ½ λ ‖w‖² over random points: with another λ it differs by ½ Δλ times the mean of
  /// ‖w(t)‖², which lies between the least and the largest on the line.
  @Test func regularizer() throws {
    place.makeDigits()
    for (name, seed) in [("a", 1), ("b", 2)] {
      place.succeeds(
        "nn-train train.h5 --model mlp:20 --epochs 1 --seed \(seed) -q -o \(name).h5")
    }
    func loss(_ decay: String) -> Double {
      let table = place.succeeds(
        "curve-fit a.h5 b.h5 --data train.h5 -b 20 --epochs 1 --lr 1e-12 --wd \(decay) -q"
          + " --json -o curve.h5"
      ).output
      let text = table.components(separatedBy: "\"train_loss\": ")[1]
      return Double(text.prefix { $0 != "," })!
    }
    let difference = loss("0.1") - loss("0")
    let (a, b) = (try row("a.h5", 0), try row("b.h5", 0))
    let floats = { (rows: [[UInt32]]) in rows.joined().map { Double(Float(bitPattern: $0)) } }
    func half(_ t: Double) -> Double {
      zip(floats(a), floats(b)).reduce(0) {
        let w = (1 - t) * $1.0 + t * $1.1
        return $0 + 0.05 * w * w
      }
    }
    #expect(half(0.5) < difference && difference < max(half(0), half(1)))
  }

  @Test func badInput() throws {
    makeEnds("--epochs 1")
    place.succeeds("nn-train train.h5 --model mlp:20 --epochs 1 -q -o mlp.h5")
    let data = "--data train.h5 --epochs 1 -q -o out.h5"
    place.fails("curve-fit a.h5 mlp.h5 \(data)", 65, "mlp.h5: weights/")
    place.fails("curve-fit a.h5 a.h5 \(data)", 65, "has the same weights as a.h5")
    place.fails("curve-fit a.h5 none.h5 \(data)", 66, "none.h5: no such file")
    place.fails("curve-fit a.h5 \(data)", 64, "b")
    place.fails("curve-fit a.h5 b.h5 -o out.h5", 64, "--data")
    place.fails("curve-fit a.h5 b.h5 --bends 0 \(data)", 64, "curve-sample --line")
    place.fails("curve-fit a.h5 b.h5 --curve spline \(data)", 64, "spline")
    place.fails("curve-fit - - \(data)", 64, "only one end")
    place.fails("curve-fit a.h5 b.h5 --data train.h5 -q -o b.h5", 73, "b.h5: is an input")
    place.fails("curve-fit a.h5 b.h5 --lr -1 \(data)", 64, "learning rate")
    place.fails("curve-fit a.h5 b.h5 --schedule step \(data)", 64, "--milestones")
    place.fails("curve-fit a.h5 b.h5 --data train.h5 -q -o none/out.h5", 73, "none/out.h5")
    place.fails(
      "curve-fit a.h5 b.h5 --data train.h5 --epochs 3 --lr 1e8 -q -o out.h5", 65, "diverged")
    // The same tensors in another network.
    place.write(
      "other.json", Workplace.smallNetwork.replacingOccurrences(of: "\"relu\"", with: "\"tanh\""))
    place.succeeds("nn-train train.h5 --model other.json --epochs 1 -q -o other.h5")
    place.fails("curve-fit a.h5 other.h5 \(data)", 65, "other.h5: architecture: differs")
    place.succeeds("curve-fit a.h5 other.h5 --model small.json \(data)")
    place.succeeds("rm out.h5")
    let file = try HDF5File.open(place.file("b.h5"), writable: true)
    try file.dataset("weights/fc.bias").write([Float](repeating: .nan, count: 10))
    try file.close()
    place.fails("curve-fit a.h5 b.h5 \(data)", 65, "b.h5: weights/fc.bias: NaN in snapshot 0")
  }
}

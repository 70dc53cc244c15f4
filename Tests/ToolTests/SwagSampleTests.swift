import Foundation
import HDF5
import Testing

@Suite struct SwagSampleTests {
  let place = Workplace()

  /// Posteriors `swag.h5` and `other.h5` of 1000 weights in two tensors.
  func fit() throws {
    for (name, shift) in [("swag", 0), ("other", 100)] {
      try place.trajectory(
        name + "-run.h5", snapshots: 6, tensors: [("a.weight", [30, 33]), ("b", [10])]
      ) { t, i in Float(shift) + Float((i * 31 + t * t * 17) % 257) / 32 - 4 }
      place.succeeds("swag-fit \(name)-run.h5 -k 5 -o \(name).h5")
    }
  }

  func weights(_ name: String, _ tensor: String = "a.weight") throws -> [Double] {
    try place.numbers(name, "weights/\(tensor)")
  }

  /// Two tensors that moved together: draws move together too, since one z₂ serves all layers.
  /// Their correlation is (2 + 2)/(4 + 2) = ⅔ or so by the covariance ½ (v + d²/(K − 1)) with equal
  /// v and d: exactly d²/(K−1) / (v + d²/(K−1)).
  @Test func directionsCrossLayers() throws {
    try place.trajectory("run.h5", snapshots: 4, tensors: [("a", [1]), ("b", [1])]) { t, _ in
      [1, 2, 4, 7][t]
    }
    place.succeeds("swag-fit run.h5 --rank 3 -o swag.h5")
    place.succeeds("swag-sample swag.h5 --samples 20000 -o samples.h5")
    let a = try weights("samples.h5", "a").map { $0 - 3.5 }
    let b = try weights("samples.h5", "b").map { $0 - 3.5 }
    var (aa, ab, bb) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      aa += x * x
      ab += x * y
      bb += y * y
    }
    // Standard errors: √(2/20000) = 0.01 of the variance's ratio, below 0.0071 of the correlation.
    #expect(abs(aa / 20_000 / 6.444444 - 1) < 0.04)
    #expect(abs(ab / (aa * bb).squareRoot() - 7.638889 / 12.888889) < 0.03)

    place.succeeds("swag-sample swag.h5 --samples 20000 --diagonal -o diagonal.h5")
    let diagonal = try weights("diagonal.h5", "a").reduce(0.0) { $0 + ($1 - 3.5) * ($1 - 3.5) }
    #expect(abs(diagonal / 20_000 / 5.25 - 1) < 0.04)
    // As published, the divisor is the configured rank less 1.
    place.succeeds("swag-fit run.h5 --rank 11 -q -o wide.h5")
    place.succeeds("swag-sample wide.h5 -s 20000 --normalizer rank -o published.h5")
    let published = try weights("published.h5", "a").reduce(0.0) {
      $0 + ($1 - 3.5) * ($1 - 3.5)
    }
    #expect(abs(published / 20_000 / (0.5 * (5.25 + 15.277778 / 10)) - 1) < 0.04)
    place.succeeds("swag-sample swag.h5 --samples 2 --scale 0 -o mean.h5")
    #expect(try weights("mean.h5", "a") == [3.5, 3.5])
  }

  @Test func sampleIsAFunctionOfSeedAndNumber() throws {
    try fit()
    place.succeeds("swag-sample swag.h5 -s 9 --seed 5 -o all.h5")
    place.succeeds("swag-sample swag.h5 -s 2 --first 4 --seed 5 -o some.h5")
    let all = try weights("all.h5")
    #expect(try weights("some.h5") == Array(all[(4 * 990)..<(6 * 990)]))
    #expect(try place.numbers("some.h5", "snapshots/sample") == [4, 5])
    place.succeeds("swag-sample swag.h5 -s 9 --seed 6 -o other-seed.h5")
    #expect(try weights("other-seed.h5") != all)
  }

  @Test func sameBytesForAnyThreadsAndMemory() throws {
    try place.trajectory("run.h5", snapshots: 4, tensors: [("w", [300, 700]), ("b", [33])]) {
      t, i in Float((i * 31 + t * t * 17) % 257) / 32 - 4
    }
    place.succeeds("swag-fit run.h5 -k 3 --no-history -o swag.h5")
    let command = "swag-sample swag.h5 -s 3 --log-density --variance-floor 1e-4 --no-history"
    place.succeeds("\(command) -o a.h5")
    for options in ["-@ 1", "-@ 2 -m 1K", "-@ 3 -m 700K", "-m 2G"] {
      place.succeeds("\(command) \(options) -o b.h5")
      #expect(place.haveSameBytes("a.h5", "b.h5"), "\(options)")
    }
    place.succeeds("cat swag.h5 | \(command.replacing(" swag.h5", with: "")) > c.h5")
    #expect(place.haveSameBytes("a.h5", "c.h5"))
  }

  @Test func mixtures() throws {
    try fit()
    place.succeeds("swag-sample swag.h5 other.h5 -s 6 --log-density -o multi.h5")
    #expect(try place.numbers("multi.h5", "snapshots/component") == [0, 1, 0, 1, 0, 1])
    let weights = try weights("multi.h5")
    for s in 0..<6 {
      let mean = weights[(s * 990)..<((s + 1) * 990)].reduce(0, +) / 990
      #expect(abs(mean - (s % 2 == 0 ? 0 : 100)) < 10)
    }
    // The components are far apart, so that each density is half of one component's.
    place.succeeds("swag-sample swag.h5 -s 6 --log-density -o one.h5")
    let one = try place.numbers("one.h5", "snapshots/log_density")
    let mixture = try place.numbers("multi.h5", "snapshots/log_density")
    for s in [0, 2, 4] { #expect(abs(mixture[s] - one[s] + log(2)) < 1e-9 * abs(one[s])) }
  }

  @Test func badInput() throws {
    try fit()
    place.fails("swag-sample swag-run.h5 -o out.h5", 65, "holds trajectory, but a gaussian")
    place.fails("swag-sample none.h5 -o out.h5", 66, "none.h5: no such file")
    place.fails("swag-sample swag.h5 -s 0 -o out.h5", 64, "--samples must be from 1")
    place.fails("swag-sample swag.h5 -s -1 -o out.h5", 64, "--samples must be from 1")
    place.fails("swag-sample swag.h5 -s 1000000000000 -o out.h5", 64, "--samples must be from 1")
    place.fails("swag-sample swag.h5 --first 9223372036854775807 -o out.h5", 64, "--first must be")
    place.fails("swag-sample swag.h5 -o out.npz", 73, "out.npz: this would be an HDF5 file")
    place.fails("swag-sample swag.h5 -xhs 3 -o out.h5", 64, "unknown option -xhs")
    let later = try HDF5File.open(place.file("swag.h5"), writable: true)
    try later.setAttribute("format_version", 2)
    try later.close()
    place.fails("swag-sample swag.h5 -o out.h5", 65, "written by a later weightspace")
    try fit()
    place.fails("swag-sample swag.h5 --scale -1 -o out.h5", 64, "scale")
    place.fails(
      "swag-sample swag.h5 --scale 0 --log-density -o out.h5", 64, "needs a --scale above 0")
    place.succeeds("swag-fit swag-run.h5 -k 1 -o single.h5")
    place.fails("swag-sample single.h5 -o out.h5", 65, "one deviation makes no covariance")
    place.succeeds("swag-sample single.h5 --diagonal -o diagonal.h5")
    try place.trajectory("still.h5", snapshots: 3, tensors: [("a", [2]), ("b", [2])]) { t, i in
      i == 3 ? 5 : Float(t)
    }
    place.succeeds("swag-fit still.h5 -k 2 -o still-swag.h5")
    place.fails(
      "swag-sample still-swag.h5 --log-density -o out.h5", 65,
      "variance/b: element 1 is 0, where no density exists; raise it with --variance-floor")
    place.succeeds("swag-sample still-swag.h5 --log-density --variance-floor 1e-9 -o fine.h5")
    let file = try HDF5File.open(place.file("swag.h5"), writable: true)
    try file.dataset("variance/b").write([Float](repeating: -1, count: 10))
    try file.close()
    place.fails("swag-sample swag.h5 -o out.h5", 65, "variance/a.weight: negative here or soon")
    try place.trajectory("small.h5", snapshots: 3, tensors: [("a.weight", [2])]) { t, _ in Float(t)
    }
    place.succeeds("swag-fit small.h5 -q -o small-swag.h5")
    place.fails(
      "swag-sample other.h5 small-swag.h5 -o out.h5", 65, "small-swag.h5: mean/a.weight: shape [2]")
  }

  /// From a training run to a table, in one line.
  @Test func pipeline() {
    place.makeDigits()
    place.succeeds(
      "nn-train train.h5 --model small.json --epochs 3 --snapshots-per-epoch 2 -o run.h5")
    let table = place.succeeds(
      """
      swag-fit run.h5 -q | swag-sample -s 3 | bn-update --data train.h5 |
        nn-predict --data test.h5 | calib-eval
      """
    ).table
    #expect(table.count == 2 && table[1][1] == "100", "\(table)")
    place.fails(
      "swag-fit run.h5 -q | swag-sample -s 2 | nn-predict --data test.h5 -o p.h5", 65, "bn-update")
  }
}

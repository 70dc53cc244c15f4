import Foundation
import HDF5
import Testing

@Suite struct SwagFitTests {
  let place = Workplace()

  /// The published recursion on the scalar iterates 1, 2, 4, 7, in two tensors at once.
  func iterates(_ name: String = "run.h5") throws {
    try place.trajectory(
      name, snapshots: 4, tensors: [("a", []), ("b.weight", [2, 1])]
    ) { t, i in [1, 2, 4, 7][t] * Float(i + 1) }
  }

  @Test func scalarIterates() throws {
    try iterates()
    let fit = place.succeeds("swag-fit run.h5 --rank 3 -o swag.h5")
    #expect(fit.errors.isEmpty)
    #expect(try place.numbers("swag.h5", "mean/a") == [3.5])
    #expect(try place.numbers("swag.h5", "variance/a") == [5.25])
    #expect(
      try place.numbers("swag.h5", "deviations/a") == [0.5, Double(Float(5.0 / 3)), 3.5])
    #expect(try place.numbers("swag.h5", "mean/b.weight") == [7, 10.5])
    #expect(try place.numbers("swag.h5", "variance/b.weight") == [21, 47.25])
    #expect(try place.numbers("swag.h5", "deviations/b.weight").suffix(2) == [7, 10.5])
    let file = try HDF5File.open(place.file("swag.h5"))
    #expect(try file.integerAttribute("snapshot_count") == 4)
    #expect(try file.integerAttribute("rank") == 3)
    #expect(try file.stringAttribute("kind") == "gaussian")
    #expect(try file.stringsAttribute("history")?.count == 2)

    place.succeeds("swag-fit run.h5 --rank 2 --deviations final -o final.h5")
    #expect(try place.numbers("final.h5", "deviations/a") == [0.5, 3.5])
    place.succeeds("swag-fit run.h5 --rank 0 -o diagonal.h5")
    #expect(try place.numbers("diagonal.h5", "variance/a") == [5.25])
    // Several files and selections are one sequence.
    place.succeeds("swag-fit 'run.h5[0:2]' 'run.h5[2:]' --rank 3 --no-history -o parts.h5")
    place.succeeds("swag-fit run.h5 --rank 3 --no-history -o whole.h5")
    #expect(place.haveSameBytes("parts.h5", "whole.h5"))
  }

  @Test func fewerSnapshotsThanRank() throws {
    try iterates()
    let fit = place.succeeds("swag-fit run.h5 -o swag.h5")
    #expect(fit.errors == "swag-fit: 4 snapshots give 4 deviations, not 20\n")
    #expect(try place.numbers("swag.h5", "deviations/a").count == 4)
    #expect(place.succeeds("swag-fit run.h5 -q -o swag.h5").errors.isEmpty)
  }

  @Test func sameBytesForAnyThreadsAndMemory() throws {
    try place.trajectory(
      "run.h5", snapshots: 5, tensors: [("w", [300, 700]), ("b", [33])]
    ) { t, i in Float((i * 31 + t * t * 17) % 257) / 32 - 4 }
    place.succeeds("swag-fit run.h5 -k 3 --no-history -o a.h5")
    for options in ["-@ 1", "-@ 2 -m 1K", "-@ 3 -m 300K", "-m 2G"] {
      place.succeeds("swag-fit run.h5 -k 3 --no-history \(options) -o b.h5")
      #expect(place.haveSameBytes("a.h5", "b.h5"), "\(options)")
    }
    place.succeeds("cat run.h5 | swag-fit -k 3 --no-history > c.h5")
    #expect(place.haveSameBytes("a.h5", "c.h5"))
  }

  /// Only the committed part of a trajectory that is still growing counts.
  @Test func growingTrajectory() throws {
    try place.trajectory("run.h5", snapshots: 4, tensors: [("a", [2])], committed: 3) { t, i in
      t == 3 ? .nan : Float(t)
    }
    place.succeeds("swag-fit run.h5 -q -o swag.h5")
    #expect(try place.numbers("swag.h5", "mean/a") == [1, 1])
  }

  @Test func badInput() throws {
    try iterates()
    place.fails(
      "swag-fit 'run.h5[-1]' -o out.h5", 65,
      "swag-fit: run.h5: one snapshot has no variance; swag-fit needs two or more\n")
    place.fails("swag-fit run.h5 --rank -1 -o out.h5", 64, "rank")
    place.fails("swag-fit none.h5 -o out.h5", 66, "none.h5: no such file")
    try place.trajectory("other.h5", snapshots: 2, tensors: [("a", [3])]) { _, _ in 1 }
    place.fails("swag-fit run.h5 other.h5 -o out.h5", 65, "other.h5: weights/a: shape [3]")
    try place.trajectory("nan.h5", snapshots: 3, tensors: [("a", [2]), ("b", [2])]) { t, i in
      t == 1 && i == 3 ? .nan : 1
    }
    place.fails(
      "swag-fit nan.h5 -q -o out.h5", 65, "nan.h5: weights/b: NaN in snapshot 1, element 1")
    try place.trajectory("large.h5", snapshots: 2, tensors: [("a", [1])]) { t, _ in
      t == 0 ? 3e38 : -3e38
    }
    place.fails("swag-fit large.h5 -q -o out.h5", 65, "weights/a: the variance is too large")
    place.succeeds("swag-fit run.h5 -q -o swag.h5")
    place.fails("swag-fit swag.h5 -o out.h5", 65, "holds gaussian, but a trajectory")
  }
}

import Foundation
import HDF5
import Testing

/// Arrays, archives and files of h5py as people have them, through the tools.
@Suite struct NnDataArrayTests {
  let place = Workplace()

  /// An array as `numpy.save` writes it.
  func npy(_ name: String, _ descriptor: String, _ shape: [Int], _ data: Data) {
    let extents = shape.map(String.init).joined(separator: ", ")
    var text =
      "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': "
      + "(\(extents)\(shape.count == 1 ? "," : "")), }"
    while (11 + text.utf8.count) % 64 != 0 { text += " " }
    let head: [UInt8] =
      [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.utf8.count + 1), 0] + Array("\(text)\n".utf8)
    place.write(name, Data(head) + data)
  }

  func bytes<T>(_ numbers: [T]) -> Data { numbers.withUnsafeBytes { Data($0) } }

  @Test func arraysBecomeDataSets() throws {
    npy("x.npy", "|u1", [4, 6, 5, 3], Data(0..<255) + Data(0..<105))
    npy("y.npy", "<i8", [4, 1], bytes([1, 0, 1, 2] as [Int64]))
    npy("onehot.npy", "<f4", [4, 2], bytes([1, 0, 0, 1, 0, 1, 1, 0] as [Float]))
    let refused = place.fails(
      "nn-data npy x.npy y.npy -o d.h5", 65, "look like images with channels")
    #expect(refused.errors.contains("--channels-last makes [3, 6, 5] of them, --channels-first"))
    place.succeeds("nn-data npy x.npy y.npy --channels-last -o d.h5")
    let file = try HDF5File.open(place.file("d.h5"))
    #expect(try file.dataset("inputs").shape == [4, 3, 6, 5])
    #expect(try file.dataset("inputs").read(UInt8.self)[1] == 3)
    #expect(try file.dataset("targets").read(Int32.self) == [1, 0, 1, 2])
    place.succeeds("nn-data npy x.npy y.npy --channels-first -o e.h5")
    #expect(
      try HDF5File.open(place.file("e.h5")).dataset("inputs").shape == [4, 6, 5, 3])
    // A regression that looks like classes is said aloud.
    let said = place.succeeds("nn-data npy x.npy onehot.npy --channels-last -o r.h5")
    #expect(said.errors.contains("onehot") || said.errors.contains("--one-hot makes classes"))
    #expect(try HDF5File.open(place.file("r.h5")).dataset("targets").shape == [4, 2])
    place.succeeds("nn-data npy x.npy onehot.npy --channels-last --one-hot -q -o c.h5")
    #expect(
      try HDF5File.open(place.file("c.h5")).dataset("targets").read(Int32.self) == [0, 1, 1, 0])
    // The same of a file that is there already.
    let direct = place.succeeds("nn-train r.h5 --model mlp:4 --epochs 1 -o run.h5")
    #expect(direct.errors.contains("nn-data select --one-hot makes classes of them"))
    place.succeeds("nn-data select r.h5 --one-hot -o s.h5")
    #expect(
      try HDF5File.open(place.file("s.h5")).dataset("targets").read(Int32.self) == [0, 1, 1, 0])
    place.fails("nn-data select s.h5 --one-hot -o t.h5", 65, "no rows of zeros with one 1")
    place.fails(
      "nn-train r.h5 --model mlp:4 --loss cross-entropy --epochs 1 -o no.h5", 65,
      "they look one-hot: nn-data select --one-hot makes classes")
    place.fails(
      "nn-train e.h5 --model preresnet20 --epochs 1 -o no.h5", 65,
      "nn-data select --channels-last makes [3, 6, 5] of them")
    let select = place.succeeds("nn-data select e.h5 -o f.h5")
    #expect(select.errors.contains("--channels-last makes [3, 6, 5]"))
    place.succeeds("nn-data select e.h5 --channels-last --normalize -o g.h5")
    let moved = try HDF5File.open(place.file("g.h5"))
    #expect(
      try moved.dataset("inputs").read(UInt8.self) == file.dataset("inputs").read(UInt8.self))
    #expect(try moved.doublesAttribute("input_mean") == file.doublesAttribute("input_mean"))
  }

  @Test func wrongUseIsSaid() {
    npy("x.npy", "<f4", [2, 2], bytes([1, 2, 3, 4] as [Float]))
    npy("y.npy", "<i8", [3], bytes([1, 0, 1] as [Int64]))
    place.fails("nn-data npy x.npy y.npy -o o.h5", 65, "y.npy: shape [3], but there are 2 inputs")
    place.fails("nn-data npy x.npy y.npy x.npy -o o.h5", 64, "give the array of the inputs")
    place.fails("nn-data npy x.npy none.npy -o o.h5", 66, "none.npy: no such file")
    place.fails("nn-data npz x.npy -o o.h5", 65, "is no NumPy archive (it is a NumPy array)")
    place.fails("nn-data npy x.npy y.npy --one-hot --regression -o o.h5", 64, "exclude each other")
    place.fails("nn-data npy x.npy -o x.npy", 73, "x.npy: is an input")
    let alone = place.succeeds("nn-data npy x.npy -o o.h5")
    #expect(alone.errors.contains("without targets"))
    #expect(place.succeeds("nn-data npy x.npy --unlabelled -o o.h5").errors.isEmpty)
    place.fails("nn-data select o.h5 --per-class 1 -o p.h5", 65, "o.h5: has no targets")
  }

  /// Data that nobody labelled: made, cut, predicted, taken for statistics, and refused by all that
  /// compares with targets.
  @Test func dataWithoutTargets() throws {
    place.makeDigits(train: 60, test: 30)
    place.succeeds("nn-train train.h5 --model small.json --epochs 1 -q -o run.h5")
    place.succeeds("nn-data select test.h5 --unlabelled -o plain.h5")
    #expect(try !HDF5File.open(place.file("plain.h5")).exists("targets"))
    place.succeeds("weights-check plain.h5")
    place.succeeds("nn-data select plain.h5 --rows :10 -o ten.h5")
    place.succeeds("nn-predict run.h5 --data test.h5 -q -o p.h5")
    place.succeeds("nn-predict run.h5 --data plain.h5 -q -o u.h5")
    let (p, u) = (
      try HDF5File.open(place.file("p.h5")), try HDF5File.open(place.file("u.h5"))
    )
    #expect(!u.exists("targets") && p.exists("targets"))
    #expect(try u.dataset("probabilities").read(Float.self) == p.dataset("probabilities").read())
    #expect(try u.stringsAttribute("classes") == p.stringsAttribute("classes"))
    place.succeeds("weights-check u.h5")
    place.fails("calib-eval u.h5", 65, "--probabilities FILE:/probabilities --targets TABLE")
    #expect(
      place.succeeds("calib-eval --probabilities u.h5:/probabilities --targets p.h5:/targets")
        .table[1]
        .dropFirst() == place.succeeds("calib-eval p.h5").table[1].dropFirst())
    // Statistics know no targets.
    place.succeeds("nn-data select train.h5 --unlabelled -o bare.h5")
    place.succeeds("bn-update run.h5 --data train.h5 -q --no-history -o a.h5")
    place.succeeds("bn-update run.h5 --data bare.h5 -q --no-history -o b.h5")
    try place.expectSameContents("a.h5", "b.h5")
    for command in [
      "nn-train plain.h5 --model small.json --epochs 1 -o no.h5", "nn-eval run.h5 --data plain.h5",
    ] {
      place.fails(command, 65, "plain.h5: has no targets; only predictions and statistics")
    }
  }
}

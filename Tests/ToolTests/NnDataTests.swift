import Foundation
import HDF5
import Testing

@Suite struct NnDataTests {
  let place = Workplace()

  /// An idx file of bytes.
  func idx(_ name: String, _ shape: [Int], _ element: (Int) -> UInt8) {
    var bytes: [UInt8] = [0, 0, 8, UInt8(shape.count)]
    for extent in shape {
      bytes += (0..<4).map { UInt8(truncatingIfNeeded: extent >> (24 - 8 * $0)) }
    }
    place.write(name, Data(bytes + (0..<shape.reduce(1, *)).map(element)))
  }

  @Test func idxFilesBecomeADataSet() throws {
    idx("images", [6, 4, 5]) { UInt8($0) }
    idx("labels", [6]) { UInt8($0 % 3) }
    place.succeeds("gzip -k images && nn-data idx images.gz labels -o a.h5")
    place.succeeds("nn-data idx images labels images labels --normalize-like a.h5 -o b.h5")
    let file = try HDF5File.open(place.file("a.h5"))
    #expect(try file.stringAttribute("kind") == "dataset")
    #expect(try file.dataset("inputs").shape == [6, 1, 4, 5])
    #expect(try file.dataset("inputs").read(UInt8.self) == (0..<120).map { UInt8($0) })
    #expect(try file.dataset("targets").read(Int32.self) == [0, 1, 2, 0, 1, 2])
    #expect(try file.stringsAttribute("classes") == ["0", "1", "2"])
    let mean = try #require(try file.doublesAttribute("input_mean"))
    let deviation = try #require(try file.doublesAttribute("input_std"))
    // 0…119: the variance of n successive numbers is (n² − 1) / 12.
    #expect(abs(mean[0] - 59.5 / 255) < 1e-7)
    #expect(abs(deviation[0] - ((120.0 * 120 - 1) / 12).squareRoot() / 255) < 1e-7)
    let both = try HDF5File.open(place.file("b.h5"))
    #expect(try both.dataset("inputs").shape == [12, 1, 4, 5])
    #expect(try both.doublesAttribute("input_mean") == mean)
    #expect(
      try file.stringsAttribute("history")?.first
        == "nn-data 0.1.0: nn-data idx images.gz labels -o a.h5")
  }

  @Test func theSameCommandWritesTheSameBytes() {
    for command in [
      "nn-data synth digits --count 30 --seed 5", "nn-data synth spirals --no-history",
      "nn-data synth sinusoid",
    ] {
      let first = place.succeeds("\(command) | cat")
      #expect(place.succeeds("\(command) | cat").outputBytes == first.outputBytes)
      #expect(first.outputBytes.starts(with: [0x89, 0x48, 0x44, 0x46]))
    }
    place.succeeds("nn-data synth digits --count 30 -o x.h5 --no-history")
    let bytes = place.bytes("x.h5")
    place.succeeds("nn-data synth digits --count 30 -o x.h5 --no-history")
    #expect(place.bytes("x.h5") == bytes)
    #expect(place.listing == ["x.h5"])
  }

  @Test func partsAreSelectedThroughAPipe() throws {
    place.succeeds("nn-data synth digits --count 400 -o all.h5")
    let all = try HDF5File.open(place.file("all.h5"))
    let labels = try all.dataset("targets").read(Int32.self)
    func targets(_ options: String) throws -> [Int32] {
      place.succeeds("cat all.h5 | nn-data select \(options) -o part.h5")
      return try HDF5File.open(place.file("part.h5")).dataset("targets").read()
    }
    #expect(try targets("--rows 10:20") == Array(labels[10..<20]))
    #expect(try targets("--rows -5:") == Array(labels[395...]))
    #expect(try targets("--rows ::100") == [0, 100, 200, 300].map { labels[$0] })
    #expect(try targets("--rows :390 --exclude") == Array(labels[390...]))
    #expect(try targets("--per-class 2").count == 20)
    let three = labels.filter { [8, 0, 3].contains($0) }
    #expect(try targets("--classes 8,0,3 --keep-labels") == three)
    let numbers: [Int32: Int32] = [8: 0, 0: 1, 3: 2]
    #expect(try targets("--classes 8,0,3") == three.map { numbers[$0]! })
    #expect(
      try HDF5File.open(place.file("part.h5")).stringsAttribute("classes") == ["8", "0", "3"])
    place.write("rows", "# two splits\n7 3\n1\n")
    #expect(try targets("--rows-file rows --line 0") == [labels[7], labels[3]])
    #expect(try targets("--rows-file rows --exclude").count == 397)
    let part = try HDF5File.open(place.file("part.h5"))
    #expect(try part.doublesAttribute("input_mean") == all.doublesAttribute("input_mean"))
    #expect(try part.stringsAttribute("history")?.count == 2)
  }

  @Test func tablesBecomeDataSets() throws {
    place.write("t.csv", "x,y,kind\n1,2,ham\n3,4,spam\n5,6,ham\n")
    place.write("u.csv", "x,y,kind\n1,2,spam\n")
    place.succeeds("nn-data csv t.csv -o t.h5 && nn-data csv u.csv --normalize-like t.h5 -o u.h5")
    let other = try HDF5File.open(place.file("u.h5"))
    #expect(try other.dataset("targets").read(Int32.self) == [1])
    #expect(try other.doublesAttribute("input_mean") == [3, 4])
    place.succeeds("cut -d, -f1,2 t.csv | nn-data csv --target x --regression -o r.h5")
    let regression = try HDF5File.open(place.file("r.h5"))
    #expect(try regression.dataset("targets").shape == [3, 1])
    #expect(try regression.doublesAttribute("target_mean") == [3])
    place.succeeds("nn-data csv t.csv --target -1 --mean -1,2 --std 3,4 -o m.h5")
    #expect(try HDF5File.open(place.file("m.h5")).doublesAttribute("input_std") == [3, 4])
  }

  @Test func whatIsWrongIsSaidInOneLine() {
    place.succeeds("nn-data synth spirals --count 20 -o s.h5")
    place.write("empty", "")
    place.write("t.csv", "a,b\n1,2\n1,x\n")
    place.succeeds("head -c 900 s.h5 > cut.h5")
    place.fails("nn-data idx none labels -o o.h5", 66, "nn-data: none: no such file")
    place.fails("nn-data idx . labels -o o.h5", 65, "nn-data: .: is a directory")
    place.fails("nn-data idx empty labels -o o.h5", 65, "nn-data: empty: is empty")
    place.fails("nn-data cifar10 t.csv -o o.h5", 65, "not whole records of 3073")
    place.fails(
      "nn-data csv t.csv --regression -o o.h5", 65,
      "nn-data: t.csv: line 3: column 'b': 'x' is not a number")
    place.fails("nn-data select cut.h5 -o o.h5", 65, "nn-data: cut.h5")
    place.fails("nn-data select empty -o o.h5", 65, "nn-data: empty")
    place.fails("nn-data select none.h5 -o o.h5", 66, "nn-data: none.h5: no such file")
    place.fails("nn-data select s.h5 --rows 20: -o o.h5", 65, "no example is selected")
    place.fails("nn-data select s.h5 --classes 2 -o o.h5", 65, "there is no class '2'")
    place.fails("nn-data select s.h5 --rows x -o o.h5", 64, "nn-data: ")
    place.fails("nn-data select s.h5 -o no/o.h5", 73, "no/o.h5: no such file")
    place.fails("nn-data synth squares -o o.h5", 64, "nn-data: ")
    place.fails("nn-data synth digits --count 0 -o o.h5", 64, "--count")
    place.fails("nn-data synth digits --depth 3 -o o.h5", 64, "--depth")
    place.fails("nn-data", 64, "name a kind of source")
    place.fails("nn-data synth spirals --mean 1,2,3 --std 1,1,1 -o o.h5", 64, "3 numbers")
    let closed = place.run("nn-data synth digits --count 3000 | head -c 10")
    #expect(closed.errors.isEmpty, "\(closed)")
  }

  @Test func helpAndVersion() {
    #expect(place.succeeds("nn-data --help").output.contains("select"))
    #expect(place.succeeds("nn-data --version").output.contains("HDF5 1."))
  }
}

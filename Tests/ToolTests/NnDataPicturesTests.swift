import Foundation
import HDF5
import TestSupport
import Testing

/// Folders, lists and archives of pictures through the tool; what the bytes are is `PictureTests`' to say.
@Suite struct NnDataPicturesTests {
  let place = Workplace()
  static let goldens = Workplace.packageFolder + "/Tests/DatasetsTests/Goldens"

  /// A folder of classes with so many copies of two pictures.
  func pictures(_ copies: Int = 1) {
    place.succeeds(
      """
      mkdir -p p/cat p/dog
      for i in $(seq \(copies)); do
        cp \(Self.goldens)/tall.jpg p/cat/$i.jpg; cp \(Self.goldens)/rgb.png p/dog/$i.png
      done
      """)
  }

  @Test func foldersBecomeDataSets() throws {
    pictures(150)
    place.succeeds("nn-data images p --fit 8 -q -o a.h5")
    let file = try HDF5File.open(place.file("a.h5"))
    #expect(try file.dataset("inputs").shape == [300, 3, 8, 8])
    #expect(try file.stringsAttribute("classes") == ["cat", "dog"])
    #expect(try file.texts("names")?.prefix(2) == ["cat/1.jpg", "cat/10.jpg"])
    #expect(try file.dataset("targets").read(Int32.self).reduce(0, +) == 150)
    place.succeeds("weights-check a.h5")
    // What the plan says of input and output is so.
    let plan = place.succeeds("nn-data images p --fit 8 --plan").table
    #expect(plan.first { $0[0] == "input" }?[1] == "\(150 * (811 + 455))")
    let output = try #require(plan.first { $0[0] == "output" }.flatMap { Double($0[1]) })
    #expect(abs(output / Double(place.bytes("a.h5").count) - 1) < 0.3)
    // Threads, chunks and compression change nothing but the layout.
    place.succeeds("nn-data images p --fit 8 -@ 1 -q --no-history -o b.h5")
    place.succeeds("nn-data images p/ --fit 8 -@ 7 -q --no-history -o c.h5")
    #expect(place.bytes("b.h5") == place.bytes("c.h5"))
    place.succeeds("nn-data images p --fit 8 --compress 1 --skip-bad -q -o d.h5")
    #expect(
      try HDF5File.open(place.file("d.h5")).dataset("inputs").read(UInt8.self)
        == file.dataset("inputs").read())
    // It is a data set as any other: parts keep their names, networks train on it.
    place.succeeds("nn-data select a.h5 --per-class 2 -o s.h5")
    #expect(
      try HDF5File.open(place.file("s.h5")).texts("names")
        == ["cat/1.jpg", "cat/10.jpg", "dog/1.png", "dog/10.png"])
    place.succeeds("nn-train a.h5 --model mlp:4 --epochs 1 -q -o run.h5")
    // A set with fewer classes keeps the numbers, one without any the constants.
    place.succeeds("rm -r p/cat && nn-data images p --fit 8 --normalize-like a.h5 -q -o e.h5")
    let fewer = try HDF5File.open(place.file("e.h5"))
    #expect(try fewer.dataset("targets").read(Int32.self) == Array(repeating: 1, count: 150))
    #expect(try fewer.doublesAttribute("input_mean") == file.doublesAttribute("input_mean"))
    place.succeeds(
      "nn-data images p/dog --unlabelled --fit 8 --normalize-like a.h5 -q -o u.h5")
    place.succeeds("nn-predict run.h5 --data u.h5 -q -o q.h5")
    place.succeeds("nn-data images p/dog --unlabelled --fit 8 --grey --mean .5 --std .2 -q -o g.h5")
    #expect(try HDF5File.open(place.file("g.h5")).dataset("inputs").shape == [150, 1, 8, 8])
  }

  @Test func listsAndArchives() throws {
    pictures()
    place.write("l.csv", "file,label\ndog/1.png,dog\ncat/1.jpg,cat\n")
    place.succeeds("nn-data images p --list l.csv --size 8 --crop 8 -q -o l.h5")
    #expect(
      try HDF5File.open(place.file("l.h5")).dataset("targets").read(Int32.self) == [1, 0])
    place.write("0.cls", "4")
    for format in ["ustar", "pax", "gnu", "v7", "oldgnu"] {
      place.succeeds(
        """
        cp p/cat/1.jpg 0.jpg && tar --format=\(format) -cf \(format).tar 0.jpg 0.cls
        nn-data images \(format).tar --fit 8 -q -o \(format).h5
        """)
      let file = try HDF5File.open(place.file("\(format).h5"))
      #expect(try file.dataset("targets").read(Int32.self) == [4])
      #expect(try file.texts("names") == ["0.jpg"])
    }
    place.succeeds("nn-data images ustar.tar pax.tar --fit 8 -q -o two.h5")
    #expect(try HDF5File.open(place.file("two.h5")).dataset("inputs").shape == [2, 3, 8, 8])
  }

  @Test func whatIsWrongIsSaid() throws {
    pictures()
    place.fails("nn-data images -o o.h5", 64, "name a folder")
    place.fails("nn-data images none -o o.h5", 66, "none: no such file")
    place.fails("nn-data images p p -o o.h5", 64, "p is a folder: give one folder, or tar files")
    place.fails(
      "nn-data images p/cat -o o.h5", 65, "has no folders, of which each would be a class")
    place.fails("nn-data images p -o o.h5", 65, "14 x 9 pixels, but cat/1.jpg has 13 x 23")
    place.fails("nn-data images p --fit 8 --size 8 -o o.h5", 64, "exclude each other")
    place.fails("nn-data images p --fit 8 --crop 9 -o o.h5", 64, "--crop must be at most --fit")
    place.fails("nn-data images p --size 0 -o o.h5", 64, "--size must be 1 to 8192")
    place.fails("nn-data images p --crop 10 -o o.h5", 65, "are less than a crop of 10")
    place.write("t.gz", Data([0x1f, 0x8b, 8, 0]))
    place.fails("nn-data images t.gz -o o.h5", 65, "it is gzipped")
    place.succeeds("mkdir p/empty")
    place.fails("nn-data images p --fit 8 -o o.h5", 65, "p/empty: is a class without pictures")
    place.succeeds("rmdir p/empty; ln -s .. p/cat/up")
    place.fails("nn-data images p --fit 8 -o o.h5", 65, "leads back to a folder above it")
    place.succeeds("rm p/cat/up; ln -s nowhere p/cat/2.jpg")
    place.fails("nn-data images p --fit 8 -o o.h5", 66, "p/cat/2.jpg: no such file")
    place.succeeds(
      "rm p/cat/2.jpg; head -c 700 p/cat/1.jpg > 'p/cat/2\n.jpg'; echo hi > p/dog/2.png")
    place.fails("nn-data images p --fit 8 -o o.h5", 65, "2\\n.jpg: is cut off")
    let outcome = place.succeeds("nn-data images p --fit 8 --skip-bad -o o.h5")
    #expect(
      outcome.errors.split(separator: "\n").map { $0.replacing(Self.goldens, with: "") } == [
        "nn-data: left out: p/cat/2\\n.jpg: is cut off",
        "nn-data: left out: p/dog/2.png: is neither JPEG nor PNG (it looks like text)",
        "nn-data: left out 2 of 4 pictures",
      ])
    #expect(try HDF5File.open(place.file("o.h5")).dataset("inputs").shape == [2, 3, 8, 8])
    place.succeeds("rm p/cat/1.jpg p/dog/1.png")
    let none = place.run("nn-data images p --fit 8 --skip-bad -q -o n.h5")
    #expect(none.status == 65 && none.errors.contains("no picture of 2 can be read"))
  }

  @Test func tablesWithWordsAndGaps() throws {
    place.write("t.csv", "id,colour,age,y\n1,red,10,a\n2,blue,,b\n3,red,30,a\n")
    let said = place.succeeds(
      "nn-data csv t.csv --drop-columns id --categories one-hot --missing mean -o t.h5")
    #expect(said.errors == "nn-data: t.csv: filled 1 missing values: 'age' 1\n")
    let file = try HDF5File.open(place.file("t.h5"))
    #expect(try file.stringsAttribute("features") == ["colour=blue", "colour=red", "age"])
    #expect(try file.dataset("inputs").read(Float.self) == [0, 1, 10, 1, 0, 20, 0, 1, 30])
    place.write("u.csv", "id,colour,age\n1,red,\n")
    place.succeeds(
      """
      nn-data csv u.csv --unlabelled --drop-columns id --categories one-hot --missing mean \
        --normalize-like t.h5 -q -o u.h5
      """)
    #expect(
      try HDF5File.open(place.file("u.h5")).dataset("inputs").read(Float.self) == [0, 1, 20])
    place.succeeds("nn-data csv t.csv --features age --missing drop -q -o d.h5")
    #expect(try HDF5File.open(place.file("d.h5")).dataset("inputs").read(Float.self) == [10, 30])
    place.succeeds("nn-data csv t.csv --features 0:3 --categories codes --missing -1 -q -o c.h5")
    #expect(
      try HDF5File.open(place.file("c.h5")).dataset("inputs").read(Float.self)
        == [1, 1, 10, 2, 0, -1, 3, 1, 30])
    place.write("k.csv", "1,5;0\n2,5;1\n")
    place.succeeds("nn-data csv k.csv --decimal-comma -o k.h5")
    #expect(try HDF5File.open(place.file("k.h5")).dataset("inputs").read(Float.self) == [1.5, 2.5])
    place.fails("nn-data csv t.csv --features age -o o.h5", 65, "--missing says what becomes of it")
    place.fails("nn-data csv t.csv --features colour -o o.h5", 65, "--categories makes features")
    place.fails("nn-data csv t.csv --missing often -o o.h5", 64, "--missing")
    place.fails("nn-data csv t.csv --categories few -o o.h5", 64, "--categories")
  }
}

import Foundation
import HDF5
import Testing

/// Tables from elsewhere: NumPy files, text, any HDF5 file.
@Suite struct CalibEvalTableTests {
  let place = Workplace()

  static let rows: [[Float]] = [[0.75, 0.25], [0.5, 0.5], [0.125, 0.875], [0.25, 0.75]]
  static let classes = [0, 0, 0, 1]

  /// A file as `numpy.save` writes it.
  func numpy(_ name: String, _ type: String, _ shape: String, _ data: Data, order: String = "False")
  {
    var header = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': (\(shape)), }"
    while (10 + header.count + 1) % 64 != 0 { header += " " }
    header += "\n"
    var file = Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0])
    file += Data([UInt8(header.count & 255), UInt8(header.count >> 8)]) + Data(header.utf8) + data
    place.write(name, file)
  }

  func bytes<T>(_ values: [T]) -> Data { values.withUnsafeBytes { Data($0) } }

  /// What the same numbers give in a predictions file.
  func expected() throws -> [String] {
    let file = try HDF5File.create(place.file("p.h5"))
    try file.createDataset("probabilities", type: .float32, shape: [4, 2]).write(
      Self.rows.flatMap { $0 })
    try file.createDataset("targets", type: .int32, shape: [4]).write(
      Self.classes.map { Int32($0) })
    try file.close()
    return Array(place.succeeds("calib-eval p.h5").table[1].dropFirst())
  }

  @Test func numpyFiles() throws {
    let expected = try expected()
    let flat = Self.rows.flatMap { $0 }
    numpy("p.npy", "<f4", "4, 2", bytes(flat))
    numpy("wide.npy", "<f8", "4, 2", bytes(flat.map { Double($0) }))
    numpy("half.npy", "<f2", "4, 2", bytes(flat.map { Float16($0).bitPattern }))
    numpy("y.npy", "<i8", "4,", bytes(Self.classes.map { Int64($0) }))
    numpy("small.npy", "|u1", "4, 1", bytes(Self.classes.map { UInt8($0) }))
    for (p, y) in [("p", "y"), ("wide", "small"), ("half", "y")] {
      let found = place.succeeds("calib-eval --probabilities \(p).npy --targets \(y).npy")
      #expect(Array(found.table[1].dropFirst()) == expected, "\(found)")
      #expect(
        Array(place.succeeds("calib-eval \(p).npy,\(y).npy").table[1].dropFirst()) == expected)
    }
    numpy("f.npy", "<f4", "4, 2", bytes(flat), order: "True")
    place.fails("calib-eval f.npy,y.npy", 65, "f.npy: lies in Fortran order")
    numpy("big.npy", ">f4", "4, 2", bytes(flat))
    place.fails(
      "calib-eval big.npy,y.npy", 65, "big.npy: type \">f4\" is not read here; save it in little")
    numpy("text.npy", "<U3", "4,", bytes(flat))
    place.fails("calib-eval text.npy,y.npy", 65, "text.npy: holds no numbers")
    numpy("cut.npy", "<f4", "400, 2", bytes(flat))
    place.fails(
      "calib-eval cut.npy,y.npy", 65,
      "cut.npy: shape [400, 2] takes 3200 bytes, but the array has 32; cut off?")
    numpy("flat.npy", "<f4", "8,", bytes(flat))
    place.fails("calib-eval flat.npy,y.npy", 65, "flat.npy: shape [8] instead of [N, C]")
    place.write("no.npy", "hello")
    place.fails("calib-eval no.npy,y.npy", 65, "no.npy: is no NumPy array")
    place.fails("calib-eval none.npy,y.npy", 66, "none.npy: no such file")
  }

  @Test func textFiles() throws {
    let expected = try expected()
    let lines = zip(Self.rows, Self.classes).map { row, y in
      "\(row[0]),\(row[1]),\(y)"
    }
    place.write("all.csv", "# made by hand\ncat,dog,label\n\(lines.joined(separator: "\n"))\n")
    place.write("bare.tsv", lines.map { $0.replacing(",", with: "\t") }.joined(separator: "\r\n"))
    place.write("y.txt", Self.classes.map { "\($0)\n" }.joined())
    for operand in [
      "--probabilities all.csv:0-1 --targets all.csv:label",
      "--probabilities all.csv:0-1 --targets all.csv:-1",
      "--probabilities bare.tsv:0-1 --targets y.txt", "all.csv:0-1,all.csv:2",
    ] {
      let found = place.succeeds("calib-eval \(operand)")
      #expect(Array(found.table[1].dropFirst()) == expected, "\(found)")
    }
    // More than one pass, and more than one block.
    let many = (0..<150_000).map { Self.rows[$0 % 4].map { "\($0)" }.joined(separator: " ") }
    place.write("p.txt", many.joined(separator: "\n"))
    place.write("labels.csv", "label\n" + (0..<150_000).map { "\($0 % 2)\n" }.joined())
    let scaled = place.succeeds("calib-eval p.txt,labels.csv --temperature-from p.txt,labels.csv")
    #expect(scaled.table[1][1] == "150000", "\(scaled)")
    place.write("bad.csv", "0.5,0.5\n0.5,x\n0.5,0.5\n0.5,0.5\n")
    place.fails("calib-eval bad.csv,y.txt", 65, "bad.csv: line 2: column 1: 'x' is not a number")
    place.write("short.csv", "0.5,0.5\n0.5\n0.5,0.5\n0.5,0.5\n")
    place.fails("calib-eval short.csv,y.txt", 65, "short.csv: line 2: 1 fields, but line 1 has 2")
    place.fails("calib-eval all.csv:0-1,all.csv:age", 65, "all.csv: there is no column 'age'")
    place.fails("calib-eval all.csv:0-7,all.csv:2", 65, "there is no column '0-7'")
    place.write("empty.csv", "# nothing\n")
    place.fails("calib-eval empty.csv,y.txt", 65, "empty.csv: holds no rows")
    place.write("header.csv", "a,b\n")
    place.fails("calib-eval header.csv,y.txt", 65, "header.csv: holds a header, but no rows")
    place.fails("calib-eval none.csv,y.txt", 66, "none.csv: no such file")
  }

  @Test func regressionsFromElsewhere() throws {
    place.write("r.csv", "m,v,y\n1,1,2\n2,4,2\n")
    let row = place.succeeds(
      "calib-eval --mean r.csv:m --variance r.csv:v --targets r.csv:y --central 0.5,0.9"
    ).table
    let values = Dictionary(uniqueKeysWithValues: zip(row[0], row[1]))
    #expect(values["rmse"] == "0.707107" && values["sharpness"] == "1.58114")
    #expect(values["coverage_50"] == "0.5" && values["coverage_90"] == "1")
    let errors = place.succeeds("calib-eval --mean r.csv:m --targets r.csv:y").table
    let plain = Dictionary(uniqueKeysWithValues: zip(errors[0], errors[1]))
    #expect(plain["mae"] == "0.5" && plain["crps"] == "" && plain["log_likelihood_nats"] == "")
    place.write("y3.csv", "1\n2\n3\n")
    place.fails("calib-eval --mean r.csv:m --targets y3.csv", 65, "y3.csv: shape [3]")
    place.fails("calib-eval --mean r.csv:m", 64, "--targets")
    place.fails("calib-eval --variance r.csv:v p.h5", 64, "--mean")
    place.write("minus.csv", "-1\n4\n")
    place.fails(
      "calib-eval --mean r.csv:m --variance minus.csv --targets r.csv:y", 65,
      "row 0: -1.0 is not a variance")
  }

  @Test func wrongTables() throws {
    _ = try expected()
    place.write("y.csv", "0\n0\n0.5\n1\n")
    place.fails(
      "calib-eval --probabilities p.h5:/probabilities --targets y.csv", 65,
      "y.csv: row 2: 0.5 is not a class")
    place.write("five.csv", "0\n0\n0\n1\n1\n")
    place.fails(
      "calib-eval --probabilities p.h5:/probabilities --targets five.csv", 65,
      "five.csv: shape [5], but there are 4 rows of probabilities")
    place.fails("calib-eval p.h5:/probabilities,p.h5:/none", 65, "p.h5: none: no such dataset")
    place.fails("calib-eval p.h5 --probabilities p.h5:/p --targets y.csv", 64, "not both")
  }

  /// Files that are measured together must be of one kind and of as many classes, and where one is
  /// wrong nothing is printed of the others.
  @Test func companions() throws {
    _ = try expected()
    let three = try HDF5File.create(place.file("three.h5"))
    try three.createDataset("probabilities", type: .float32, shape: [2, 3]).write(
      [0.5, 0.25, 0.25, 0.25, 0.5, 0.25] as [Float])
    try three.createDataset("targets", type: .int32, shape: [2]).write([0, 1] as [Int32])
    try three.close()
    let values = try HDF5File.create(place.file("values.h5"))
    for name in ["mean", "variance", "targets"] {
      try values.createDataset(name, type: .float32, shape: [2, 1]).write([1, 2] as [Float])
    }
    try values.close()
    for option in ["--ood", "--conformal", "--temperature-from"] {
      place.fails("calib-eval three.h5 \(option) p.h5", 65, "has 3 classes, but p.h5 has 2")
      place.fails("calib-eval three.h5 \(option) values.h5", 65, "regression")
    }
    place.fails("calib-eval values.h5 --conformal p.h5", 65, "is not of the kind of p.h5")
    for (second, status) in [("none.h5", 66), ("values.h5", 65)] {
      for json in ["", "--json"] {
        let outcome = place.run("calib-eval p.h5 \(second) \(json)")
        #expect(outcome.status == status && outcome.output.isEmpty, "\(outcome)")
      }
    }
    place.fails("calib-eval values.h5 --central 0.9,0.9", 64, "different levels")
  }

  /// The mark before UTF-8 is no part of a name; what is wrong in a table is said of that table.
  @Test func marksAndNames() throws {
    let expected = try expected()
    var text = "\u{FEFF}y,a,b\n"
    for (row, label) in zip(Self.rows, Self.classes) { text += "\(label),\(row[0]),\(row[1])\n" }
    place.write("marked.csv", text)
    let found = place.succeeds("calib-eval --probabilities marked.csv:1-2 --targets marked.csv:y")
    #expect(Array(found.table[1].dropFirst()) == expected)
    place.write("wrong.csv", "0\n0\n7\n1\n")
    place.fails(
      "calib-eval --probabilities marked.csv:1-2 --targets wrong.csv", 65,
      "wrong.csv: row 2: class 7 is not one of 0…1")
    place.write("negative.csv", "1\n-1\n1\n1\n")
    place.fails(
      "calib-eval --mean marked.csv:a --variance negative.csv --targets marked.csv:y", 65,
      "negative.csv: row 1: -1.0 is not a variance")
  }
}

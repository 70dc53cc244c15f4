import Foundation
import HDF5
import Testing

/// Names of files, tensors and columns that would do something to a terminal.
@Suite struct HostileNamesTests {
  let place = Workplace()

  @Test func oneLineEach() throws {
    place.fails("swa-avg \"$(printf 'a\\nb.h5')\" -o o.h5", 66, "a\\nb.h5: no such file")
    place.fails("nn-data csv \"$(printf 'a\\033[31m')\" -o o.h5", 66, "a\\u{1b}[31m")
    let long = String(repeating: "n", count: 240) + ".h5"
    let outcome = place.fails("swa-avg \(long) -o o.h5", 66, "…")
    #expect(outcome.errors.utf8.count < 260)
  }

  @Test func columnsInATable() throws {
    let file = try HDF5File.create(place.file("run.h5"))
    try file.setAttribute("format", "weightspace")
    try file.setAttribute("kind", "trajectory")
    try file.createGroup("weights")
    try file.createGroup("snapshots")
    try file.createDataset("weights/0.weight", type: .float32, shape: [1, 2, 2])
      .write([1, 2, 3, 4] as [Float])
    try file.createDataset("weights/0.bias", type: .float32, shape: [1, 2]).write(
      [1, 2] as [Float])
    try file.createDataset("snapshots/ep\u{1b}[31m\noch", type: .float64, shape: [1])
      .write([1] as [Double])
    try file.close()
    place.write(
      "net.json",
      #"{"name":"n","input":[2],"outputs":2,"layers":[{"name":"0","type":"dense","outputs":2}]}"#)
    place.succeeds("nn-data synth spirals --count 8 -o d.h5")
    let table = place.succeeds("nn-eval run.h5 --model net.json --data d.h5").output
    #expect(table.split(separator: "\n").count == 2 && !table.contains("\u{1b}"), "\(table)")
  }
}

import Foundation
import HDF5
import Testing

/// Bad input: one clear line, the documented status, nothing left behind.
@Suite struct SwaAvgErrorTests {
  let place = Workplace()

  func stateDict(_ name: String, _ tensors: [(String, [Int])], value: Float = 1) throws {
    let file = try HDF5File.create(place.file(name))
    for (tensor, shape) in tensors {
      try file.createDataset(tensor, type: .float32, shape: shape).write(
        [Float](repeating: value, count: shape.reduce(1, *)))
    }
    try file.close()
  }

  @Test func differentNetworks() throws {
    try stateDict("a.h5", [("fc.weight", [100, 64]), ("fc.bias", [10])])
    try stateDict("b.h5", [("fc.weight", [10, 64]), ("fc.bias", [10])])
    try stateDict("c.h5", [("fc.weight", [100, 64])])
    try stateDict("d.h5", [("fc.weight", [100, 64]), ("fc.bias", [10]), ("x", [1])])
    let shapes = place.fails("swa-avg a.h5 b.h5 -o out.h5", 65, "fc.weight")
    #expect(
      shapes.errors == "swa-avg: b.h5: fc.weight: shape [10, 64], but a.h5 has [100, 64]\n")
    place.fails("swa-avg a.h5 c.h5 -o out.h5", 65, "c.h5: fc.bias: missing, but a.h5 has it")
    place.fails("swa-avg a.h5 d.h5 -o out.h5", 65, "d.h5: x: not in a.h5")
  }

  @Test func filesThatAreNone() throws {
    place.fails("swa-avg none.h5 -o out.h5", 66, "swa-avg: none.h5: no such file\n")
    place.fails("swa-avg . -o out.h5", 65, "is a directory")
    place.write("empty.h5", "")
    place.fails("swa-avg empty.h5 -o out.h5", 65, "empty.h5: is empty")
    place.write("text.h5", "hello\n")
    place.fails("swa-avg text.h5 -o out.h5", 65, "not an HDF5 file")
    place.fails("true | swa-avg -o out.h5", 65, "standard input: is empty")
    try stateDict("a.h5", [("w", [1000])])
    place.write("cut.h5", place.bytes("a.h5").prefix(2000))
    place.fails("swa-avg cut.h5 -o out.h5", 65, "cut.h5: truncated HDF5 file")
    place.fails("head -c 2000 a.h5 | swa-avg -o out.h5", 65, "standard input: truncated")
    let data = try HDF5File.create(place.file("data.h5"))
    try data.setAttribute("format", "weightspace")
    try data.setAttribute("kind", "dataset")
    try data.close()
    place.fails("swa-avg data.h5 -o out.h5", 65, "data.h5: holds dataset, but a trajectory")
  }

  @Test func notANumber() throws {
    try stateDict("a.h5", [("v", [3]), ("w", [2])])
    try stateDict("b.h5", [("v", [3]), ("w", [2])], value: .infinity)
    place.fails(
      "swa-avg a.h5 b.h5 -o out.h5", 65, "b.h5: v: an infinity in snapshot 0, element 0")
    place.write("out.h5", "kept")
    place.fails("swa-avg a.h5 b.h5 -o out.h5", 65, "infinity")
    #expect(place.bytes("out.h5") == Data("kept".utf8))
  }

  @Test func outputs() throws {
    try stateDict("a.h5", [("w", [200_000])])
    place.fails("swa-avg a.h5 -o none/out.h5", 73, "none/out.h5: no such file or directory")
    place.fails("swa-avg a.h5 -o .", 73, "is a directory")
    place.fails("swa-avg a.h5 > /dev/full", 74, "standard output: No space left on device")
    place.fails("swa-avg a.h5 -o /dev/full", 74, "/dev/full: No space left on device")
    let closed = place.run("swa-avg a.h5 | head -c 100 | wc -c")
    #expect(closed.status == 0 && closed.errors.isEmpty, "\(closed)")
    place.fails("swa-avg a.h5 a.h5 -o a.h5", 73, "a.h5: is an input, and would be replaced")
    place.succeeds("h5dump -H a.h5 > /dev/null")
  }

  @Test func usage() throws {
    try stateDict("a.h5", [("w", [2])])
    place.fails("swa-avg a.h5 --unknown", 64, "unknown option '--unknown'")
    place.fails("swa-avg a.h5 -m none -o out.h5", 64, "none")
    place.fails("swa-avg a.h5 -@ 0 -o out.h5", 64, "--threads must be at least 1")
    #expect(place.succeeds("swa-avg --help").output.contains("--ema"))
    #expect(place.succeeds("swa-avg --version").output.contains("HDF5 1."))
  }

  /// A file system of one megabyte, where this machine lets us mount one.
  @Test(.enabled(if: canMount, "needs to mount a small tmpfs (unshare --user --mount)"))
  func fullDisk() throws {
    try stateDict("a.h5", [("w", [400_000])])
    let outcome = place.run(
      """
      mkdir small && unshare --user --map-root-user --mount sh -c '
      mount -t tmpfs -o size=1m none small && swa-avg a.h5 -o small/out.h5; echo $?; ls -A small'
      """)
    #expect(outcome.output == "74\n", "\(outcome)")
    #expect(outcome.errors.contains("No space left on device"), "\(outcome)")
  }

  static let canMount: Bool =
    Workplace().run(
      "mkdir m && unshare --user --map-root-user --mount mount -t tmpfs none m"
    ).status == 0

  @Test func interrupted() throws {
    // The pipe never delivers, so that the tool waits with its temporary file open.
    // A background command of sh ignores SIGINT, so that SIGTERM stands for both.
    let outcome = place.run(
      """
      mkfifo p; sleep 30 > p & s=$!
      swa-avg p -o out.h5 & sleep 0.5; kill -TERM $!; wait $!; echo $?; kill $s
      """)
    #expect(outcome.output == "143\n", "\(outcome)")
    #expect(place.listing == ["p"], "\(outcome)")
  }

  /// A fault of the tool's own, outside of the HDF5 library, ends in a line that says so, not in a
  /// backtrace, and is no wrong data.
  @Test(arguments: ["SEGV", "FPE", "ABRT", "ALRM"]) func crashes(_ signal: String) throws {
    let outcome = place.run(
      """
      # Opening the pipe waits for the tool to open it.
      mkfifo p; swa-avg p -o out.h5 & pid=$!
      exec 3> p; kill -\(signal) $pid; wait $pid; echo $?
      """)
    #expect(outcome.output == "70\n", "\(outcome)")
    #expect(
      outcome.errors.hasPrefix("swa-avg: a fault of this program, not of its input"), "\(outcome)")
    #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome)")
    #expect(place.listing == ["p"], "\(outcome)")
  }
}

import Foundation
import HDF5
import Testing

/// `kill -9` at each system call by which a growing file changes: what was saved can be read, and
/// --resume reaches the bits of a run that was not killed.
@Suite(.enabled(if: Workplace().run("command -v strace").status == 0, "needs strace"))
struct KillPointTests {
  let place = Workplace()
  static let calls = "pwrite64,fallocate,ftruncate,rename,linkat,unlink,fsync"

  /// Kills the command at its n-th such call; whether it got as far as that.
  func kill(_ command: String, at call: Int) -> Bool {
    let outcome = place.run(
      """
      strace -f -qq -o /dev/null -e trace=\(Self.calls) \
      -e inject=\(Self.calls):signal=KILL:when=\(call) \(command) > table
      """)
    #expect(outcome.status == 0 || outcome.status == 137, "\(outcome)")
    return outcome.status == 137
  }

  /// Kills the command at every call from `prepare`d files on, and checks what is left of `name`.
  func killEverywhere(
    _ command: String, _ name: String, whole: String, data: String, prepare: () -> Void
  ) throws {
    var call = 1
    while call < 400 {
      prepare()
      guard kill("\(command) -o \(name)", at: call) else { break }
      let comment = "killed at call \(call)"
      if let name = [name, "\(name).part"].first(where: place.exists) {
        let file = try HDF5File.open(place.file(name))
        let saved = try file.dataset("committed").read(Int64.self)[0]
        try file.close()
        let dump = place.run("h5dump \(name) > /dev/null")
        #expect(dump.status == 0 || dump.status == 127, "\(comment): \(dump)")
        let rows = place.run("nn-eval \(name) --data \(data) -q")
        if saved > 0 {
          #expect(rows.status == 0 && rows.table.count == saved + 1, "\(comment): \(rows)")
        } else {
          #expect(rows.errors.contains("has no snapshot yet"), "\(comment): \(rows)")
        }
      }
      let resumed = place.run(
        "\(command.replacingOccurrences(of: " --resume", with: "")) --resume -o \(name)")
      #expect(resumed.status == 0, "\(comment): \(resumed)")
      try place.expectSameContents(whole, name)
      call += 1
    }
    #expect(call > 5 && call < 400, "\(call) calls")
  }

  @Test func firstSnapshots() throws {
    place.succeeds("nn-data synth spirals --count 40 -o data.h5")
    // The second snapshot alone, so that a state is saved before there is any.
    let command = "nn-train data.h5 --model mlp:3 --epochs 2 --snapshot-from 2 -q"
    place.succeeds("\(command) -o whole.h5")
    try killEverywhere(command, "run.h5", whole: "whole.h5", data: "data.h5") {
      place.succeeds("rm -f run.h5* .weightspace-*")
    }
  }

  /// A run whose last snapshot was counted before the state that belongs to it was saved.
  @Test func resumedRuns() throws {
    place.makeDigits(train: 60)
    let command = "nn-train train.h5 --model mlp:16 --seed 3 -q"
    place.succeeds("\(command) --epochs 3 -o whole.h5")
    place.succeeds("\(command) --epochs 2 -o part.h5")
    let file = try HDF5File.open(place.file("part.h5"), writable: true)
    let current = try file.dataset("state/current")
    try current.write([1 - current.read(Int64.self)[0]])
    try file.close()
    try killEverywhere(
      "\(command) --epochs 3 --resume", "run.h5", whole: "whole.h5", data: "train.h5"
    ) {
      place.succeeds("rm -f run.h5* .weightspace-*; cp part.h5 run.h5")
    }
  }

  /// A row of the table is printed once its epoch is saved.
  @Test func curves() throws {
    place.makeDigits(train: 60)
    place.succeeds("nn-train train.h5 --model mlp:4 --epochs 1 --seed 1 -q -o a.h5")
    place.succeeds("nn-train train.h5 --model mlp:4 --epochs 1 --seed 2 -q -o b.h5")
    let command = "curve-fit a.h5 b.h5 --data train.h5 --epochs 2 --resume -q"
    place.succeeds("\(command) -o whole.h5")
    var call = 1
    while call < 400 {
      place.succeeds("rm -f curve.h5* .weightspace-*")
      guard kill("\(command) -o curve.h5", at: call) else { break }
      let printed = max(
        0,
        String(decoding: place.bytes("table"), as: UTF8.self)
          .split(separator: "\n").count - 1)
      if printed > 0 {
        let name = try #require(["curve.h5", "curve.h5.part"].first(where: place.exists))
        let file = try HDF5File.open(place.file(name))
        #expect(try file.dataset("state/epoch").read(Int64.self)[0] >= printed, "call \(call)")
        try file.close()
      }
      place.succeeds("\(command) -o curve.h5")
      try place.expectSameContents("whole.h5", "curve.h5")
      call += 2
    }
    #expect(call > 5 && call < 400, "\(call) calls")
  }

  /// A signal that comes as a temporary file is made: it does not stay.
  @Test(arguments: ["INT", "TERM", "HUP"])
  func signals(_ signal: String) {
    place.succeeds("nn-data synth spirals --count 40 -o data.h5")
    let command = "nn-data select data.h5 -o part.h5"
    let outcome = place.run(
      """
      strace -f -qq -e trace=openat -o trace \(command)
      n=$(grep -n weightspace- trace | head -1 | cut -d: -f1)
      rm -f part.h5
      strace -f -qq -o /dev/null -e trace=openat -e inject=openat:signal=\(signal):when=$n \(command)
      """)
    #expect([129, 130, 143].contains(outcome.status), "\(outcome)")
    #expect(!place.exists("part.h5") && !place.listing.contains { $0.hasPrefix(".") })
  }

  @Test func chains() throws {
    place.makeDigits(train: 60, test: 20)
    place.succeeds("nn-train train.h5 --model mlp:4 --epochs 4 -q -o run.h5")
    place.succeeds("subspace-pca run.h5 --rank 2 -o pca.h5")
    let command =
      "subspace-sample pca.h5 --data test.h5 --samples 2 --burn-in 1 --temperature 50 -q"
    place.succeeds("\(command) -o whole.h5")
    try killEverywhere(command, "s.h5", whole: "whole.h5", data: "test.h5") {
      place.succeeds("rm -f s.h5* .weightspace-*")
    }
    let diagnostics = try [("whole.h5", 0), ("s.h5", 0)].map { name, _ in
      try HDF5File.open(place.file(name)).dataset("diagnostics/acceptance").read(Double.self)
    }
    #expect(diagnostics[0] == diagnostics[1] && diagnostics[0][0].isFinite)
  }
}

/// Files that may become no longer: a full disk to the byte.
@Suite(.enabled(if: Workplace().run("command -v prlimit").status == 0, "needs prlimit"))
struct SizeLimitTests {
  let place = Workplace()

  func size(_ name: String) -> Int { place.bytes(name).count }

  @Test func chains() throws {
    place.makeDigits(train: 60, test: 20)
    place.succeeds("nn-train train.h5 --model mlp:4 --epochs 4 -q -o run.h5")
    place.succeeds("subspace-pca run.h5 --rank 2 -o pca.h5")
    let command =
      "subspace-sample pca.h5 --data test.h5 --samples 8 --burn-in 1 --temperature 50 -q -o"
    place.succeeds("\(command) whole.h5")
    let whole = size("whole.h5")
    for missing in [1, 50, 200, 500, 900, 1300, 2000, 5000, 9000] {
      place.succeeds("rm -f s.h5*")
      let outcome = place.run("prlimit --fsize=\(whole - missing) \(command) s.h5")
      #expect(outcome.status == 74, "\(missing): \(outcome)")
      #expect(outcome.errors.contains("File too large"), "\(missing): \(outcome)")
      #expect(!place.listing.contains { $0.hasPrefix(".") }, "\(missing): \(place.listing)")
      place.succeeds("\(command) s.h5 --resume")
      try place.expectSameContents("whole.h5", "s.h5")
    }
  }

  /// As the shell sets the limit: a line, a status, and nothing left behind.
  @Test func wholeFiles() throws {
    place.makeDigits(train: 60)
    place.succeeds("nn-train train.h5 --model mlp:64 --epochs 2 -q -o run.h5")
    for command in [
      "swa-avg run.h5 -o o.h5", "nn-data select train.h5 -o o.h5", "swag-fit run.h5 -o o.h5",
      "nn-convert run.h5 --last 1 -o o.npz",
      "nn-train train.h5 --model mlp:64 --epochs 2 -q -o o.h5",
      "subspace-pca run.h5 -o o.h5",
    ] {
      place.fails("ulimit -f 20; \(command)", 74, "File too large")
    }
  }
}

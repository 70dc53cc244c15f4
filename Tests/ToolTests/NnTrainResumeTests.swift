import Foundation
import HDF5
import Testing

/// A run that was stopped goes on to the bits of one that was not.
@Suite struct NnTrainResumeTests {
  let place = Workplace()

  @Test(arguments: ["--optimizer sgd --nesterov", "--optimizer adamw --lr 0.002"])
  func longerRuns(_ optimizer: String) throws {
    place.makeDigits()
    let options = "train.h5 --model small.json -b 64 --augment crop,flip -q \(optimizer)"
    place.succeeds("nn-train \(options) --epochs 4 -o whole.h5")
    place.succeeds("nn-train \(options) --epochs 1 -o parts.h5")
    for epochs in [2, 4] {
      place.succeeds("nn-train \(options) --epochs \(epochs) --resume -o parts.h5")
    }
    try place.expectSameContents("whole.h5", "parts.h5")
    // Nothing is left to do; nothing changes.
    place.succeeds("nn-train \(options) --epochs 4 --resume -o parts.h5")
    try place.expectSameContents("whole.h5", "parts.h5")
    // A file that is not there is a run that has not begun.
    place.succeeds("nn-train \(options) --epochs 4 --resume -o new.h5")
    try place.expectSameContents("whole.h5", "new.h5")
  }

  /// `kill -9` at random moments: what was reported as saved is there, HDF5's tools read it, and
  /// the resumed run ends in the same bits. WEIGHTSPACE_CRASHES sets how often (4 by default).
  @Test func killed() throws {
    let crashes = Int(ProcessInfo.processInfo.environment["WEIGHTSPACE_CRASHES"] ?? "") ?? 4
    place.makeDigits(train: 400)
    let options =
      "train.h5 --model small.json --epochs 12 -b 40 --snapshots-per-epoch 3 --schedule cyclic"
      + " --cycle 4 --threads 1 -q"
    let start = Date()
    place.succeeds("nn-train \(options) -o whole.h5")
    let duration = Date().timeIntervalSince(start)
    for crash in 0..<crashes {
      let delay = Double.random(in: 0...(1.1 * duration))
      // A kill may come before the shell has emptied the table of the crash before.
      place.succeeds("rm -f run.h5*; : > table")
      let outcome = place.run(
        """
        nn-train \(options) -o run.h5 > table & pid=$!
        sleep \(delay)
        kill -9 $pid; wait $pid 2>/dev/null; cat table
        """)
      let reported = max(0, outcome.table.count - 1)
      let comment = "crash \(crash) after \(delay) s, \(reported) epochs reported"
      // The table's last row comes before the part has its own name.
      #expect(!place.exists("run.h5") || reported == 12, "\(comment)")
      if let name = ["run.h5", "run.h5.part"].first(where: place.exists) {
        let evaluated = place.run("nn-eval \(name) --data train.h5 -q")
        let dumped = place.run("h5dump \(name) > /dev/null")
        if reported > 0 {
          #expect(evaluated.status == 0, "\(comment): \(evaluated)")
          #expect(evaluated.table.count - 1 >= 3 * reported, "\(comment): \(evaluated)")
          #expect(dumped.status == 0 || dumped.status == 127, "\(comment): \(dumped)")
        }
      } else {
        #expect(reported == 0, "\(comment): no file")
      }
      place.succeeds("nn-train \(options) --resume -o run.h5")
      try place.expectSameContents("whole.h5", "run.h5")
      #expect(place.listing.allSatisfy { !$0.contains("tmp") }, "\(place.listing)")
    }
  }

  /// Ended by SIGTERM: its status, and the run goes on.
  @Test func interrupted() throws {
    place.makeDigits(train: 400)
    let options = "train.h5 --model small.json --epochs 400 -b 40 -q"
    let outcome = place.run(
      """
      nn-train \(options) -o run.h5 > table & pid=$!
      until [ $(wc -l < table) -gt 2 ]; do sleep 0.05; done
      kill -TERM $pid; wait $pid; echo $?
      """)
    #expect(outcome.output == "143\n", "\(outcome)")
    #expect(!place.exists("run.h5"))
    let rows = place.succeeds("nn-eval run.h5.part --data train.h5 -q").table.count - 1
    #expect(rows >= 2)
    place.succeeds("nn-train \(options) --epochs \(rows + 1) --resume -o run.h5")
    #expect(place.exists("run.h5") && !place.exists("run.h5.part"))
  }

  @Test func anotherRun() throws {
    place.makeDigits()
    let options = "train.h5 --model mlp:8 --epochs 2 -q -o run.h5"
    place.succeeds("nn-train \(options)")
    let before = place.bytes("run.h5")
    place.fails("nn-train \(options)", 73, "run.h5: exists; --resume")
    for (change, word) in [
      ("--lr 0.01", "--learning-rate was 0.05, not 0.01"), ("--seed 1", "--seed was 0, not 1"),
      ("--momentum 0.8", "--momentum"), ("--augment flip", "--augment was none, not flip"),
      ("--optimizer adamw --lr 0.05", "--optimizer was sgd, not adamw"),
      ("--schedule cosine --t0 2", "--schedule"), ("-b 64", "--batch-size was 128, not 64"),
      (
        "--snapshot-every 2",
        "the snapshots' rule was --snapshot-every 1 --snapshot-from 1, not --snapshot-every 2"
      ),
    ] {
      place.fails("nn-train \(options) \(change) --resume", 65, word)
    }
    place.fails("nn-train test.h5 --model mlp:8 --resume -q -o run.h5", 65, "the data's examples")
    place.fails("nn-train train.h5 --model mlp:9 --resume -q -o run.h5", 65, "--model was")
    place.succeeds("nn-data synth digits --count 200 --seed 9 -o other.h5")
    place.fails("nn-train other.h5 --model mlp:8 --resume -q -o run.h5", 65, "the data's digest")
    #expect(place.bytes("run.h5") == before)
    for file in ["test.h5", "small.json"] {
      let bytes = place.bytes(file)
      place.fails("nn-train train.h5 --model mlp:8 --resume -q -o \(file)", 65, file)
      #expect(place.bytes(file) == bytes)
    }
    place.succeeds("swa-avg run.h5 -o swa.h5")
    place.fails("nn-train train.h5 --model mlp:8 --resume -q -o swa.h5", 65, "swa.h5")
    place.succeeds("nn-train \(options) --overwrite --seed 1")
    #expect(place.bytes("run.h5") != before)
  }
}

import Files
import Foundation
import TestSupport
import Testing

/// A result that takes hours has its name when it is done, and not before.
@Suite struct PartFileTests {
  let place = Workplace()

  /// Each tool whose result grows: how it is called for so many epochs or samples.
  enum Grower: String, CaseIterable {
    case training, curve, chain

    func command(_ count: Int) -> String {
      switch self {
      case .training: "nn-train train.h5 --model mlp:6 -b 20 --epochs \(count) -q"
      case .curve: "curve-fit a.h5 b.h5 --data train.h5 -b 20 --epochs \(count) -q"
      case .chain:
        "subspace-sample space.h5 --data train.h5 --burn-in 2 --temperature 50 --samples \(count) -q"
      }
    }
  }

  init() {
    place.makeDigits(train: 100)
    place.succeeds("nn-train train.h5 --model mlp:6 --epochs 3 --seed 1 -q -o a.h5")
    place.succeeds("nn-train train.h5 --model mlp:6 --epochs 3 --seed 2 -q -o b.h5")
    place.succeeds("subspace-pca a.h5 --rank 2 -o space.h5")
  }

  /// Stopped by the signal once something is saved.
  func stop(_ grower: Grower, _ signal: String, options: String = "--resume") {
    let outcome = place.run(
      """
      \(grower.command(100_000)) \(options) -o r.h5 > table & pid=$!
      for i in $(seq 400); do sleep 0.05; nn-eval r.h5.part --data train.h5 -q \
        --last 1 > seen 2>/dev/null && [ $(wc -l < seen) -gt 1 ] && break; done
      kill -\(signal) $pid; wait $pid; exit 0
      """)
    #expect(place.exists("r.h5.part"), "\(outcome)")
  }

  @Test(arguments: Grower.allCases, ["TERM", "KILL"])
  func stopped(_ grower: Grower, _ signal: String) throws {
    stop(grower, signal)
    #expect(!place.exists("r.h5"))
    // Who reads the result is told; who names the part reads it.
    place.fails("nn-eval r.h5 --data train.h5", 66, "unfinished r.h5.part is there")
    place.fails("nn-convert r.h5 -o x.npz", 66, "finish it with --resume, or read it by that name")
    place.succeeds("weights-check -q r.h5.part")
    // It stands in the way of everything that would replace it.
    let bytes = place.bytes("r.h5.part")
    place.fails("\(grower.command(1)) -o r.h5", 73, "r.h5.part: is an unfinished run")
    place.fails("swa-avg a.h5 -o r.h5", 73, "--overwrite replaces it")
    place.fails("nn-data synth spirals -o r.h5", 73, "r.h5.part: is an unfinished run")
    #expect(place.bytes("r.h5.part") == bytes && !place.exists("r.h5"))
    place.succeeds("cp r.h5.part kept.h5; swa-avg a.h5 --overwrite -o r.h5")
    #expect(!place.exists("r.h5.part"))
    // Both: nothing says which is meant.
    place.succeeds("cp kept.h5 r.h5.part")
    let average = place.bytes("r.h5")
    place.fails(
      "\(grower.command(1)) --resume -o r.h5", 73, "unfinished run beside the finished r.h5")
    #expect(place.bytes("r.h5.part") == place.bytes("kept.h5") && place.bytes("r.h5") == average)
  }

  /// What is done is left alone, with its time, and goes back to being a part to be made longer.
  @Test(arguments: Grower.allCases) func longer(_ grower: Grower) throws {
    place.succeeds("\(grower.command(4)) --resume -o whole.h5")
    place.succeeds("\(grower.command(2)) --resume -o r.h5")
    place.succeeds("touch -d 2001-01-01 r.h5")
    let before = place.succeeds("stat -c '%Y %i %s' r.h5; sha256sum r.h5").output
    place.succeeds("\(grower.command(2)) --resume -o r.h5")
    #expect(place.succeeds("stat -c '%Y %i %s' r.h5; sha256sum r.h5").output == before)
    stop(grower, "KILL")
    #expect(!place.exists("r.h5"))
    place.succeeds("rm r.h5.part; \(grower.command(2)) --resume -o r.h5")
    place.succeeds("\(grower.command(4)) --resume -o r.h5")
    #expect(place.exists("r.h5") && !place.exists("r.h5.part"))
    try place.expectSameContents("whole.h5", "r.h5")
  }

  /// A part that was complete when its command was killed, before it had its name.
  @Test(arguments: Grower.allCases) func completeButForItsName(_ grower: Grower) throws {
    place.succeeds("\(grower.command(2)) --resume -o whole.h5; cp whole.h5 r.h5.part")
    let number = place.succeeds("stat -c %i r.h5.part").output
    place.succeeds("\(grower.command(2)) --resume -o r.h5")
    #expect(place.bytes("r.h5") == place.bytes("whole.h5") && !place.exists("r.h5.part"))
    #expect(place.succeeds("stat -c %i r.h5").output == number)
  }

  /// The result that is to be replaced stays until the new one is done.
  @Test func overwriting() throws {
    place.succeeds("\(Grower.training.command(2)) -o r.h5; cp r.h5 old.h5")
    place.succeeds("chmod 600 r.h5")
    stop(.training, "TERM", options: "--overwrite")
    #expect(place.bytes("r.h5") == place.bytes("old.h5"))
    place.succeeds("\(Grower.training.command(3)) --overwrite -o r.h5")
    #expect(!place.exists("r.h5.part") && place.bytes("r.h5") != place.bytes("old.h5"))
    #expect(place.succeeds("stat -c %a r.h5").output == "600\n")
  }

  /// What others do to the part of a running command does not end in the result's place.
  @Test func removedWhileItGrows() {
    let outcome = place.run(
      """
      \(Grower.training.command(40)) -o r.h5 > table & pid=$!
      until [ -s table ]; do sleep 0.01; done
      rm r.h5.part; cp a.h5 r.h5.part; wait $pid
      """)
    #expect(outcome.status == 74, "\(outcome)")
    #expect(outcome.errors.contains("r.h5.part: was removed or replaced"), "\(outcome)")
    #expect(!place.exists("r.h5"))
  }

  /// Through a link the part lies beside what the link leads to, and the link stays.
  @Test func links() {
    place.succeeds("mkdir far; ln -s far/r.h5 r.h5; nn-train train.h5 --model mlp:6 -q -o far/r.h5")
    place.succeeds("\(Grower.training.command(2)) --overwrite -o r.h5")
    #expect(place.succeeds("readlink r.h5; ls far").output == "far/r.h5\nr.h5\n")
  }

  /// A run that fails before anything is saved leaves no part.
  @Test func nothingSaved() {
    place.fails("\(Grower.training.command(2)) --lr 1e30 -o r.h5", 65, "diverged")
    #expect(!place.listing.contains { $0.hasPrefix("r.h5") }, "\(place.listing)")
  }

  /// An interrupted recipe goes on where it was, and nothing half done counts as done.
  @Test(.enabled(if: Workplace().run("command -v make").status == 0, "needs make"))
  func underMake() throws {
    place.write(
      "Makefile",
      """
      mean.h5: r.h5
      \tswa-avg $< -o $@
      r.h5:
      \t\(Grower.training.command(60)) --resume -o $@ > r.tsv
      """)
    place.succeeds("make -s; mv r.h5 whole.h5; mv mean.h5 whole-mean.h5")
    for signal in ["INT", "KILL", "TERM"] {
      _ = place.run(
        """
        rm -f r.h5 mean.h5 r.tsv; setsid make -s & pid=$!
        for i in $(seq 400); do sleep 0.02; [ $(cat r.tsv 2>/dev/null | wc -l) -gt 3 ] && break; done
        kill -\(signal) -- -$pid; wait $pid; exit 0
        """)
      place.succeeds("make -s")
      try place.expectSameContents("whole.h5", "r.h5")
      #expect(place.succeeds("h5diff whole-mean.h5 mean.h5 weights weights").output == "")
    }
  }
}

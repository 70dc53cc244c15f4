import Foundation
import HDF5
import Testing

/// Several tools in a row, as a shell runs them.
@Suite struct PipelineTests {
  let place = Workplace()

  @Test func trainAverageRefreshPredictMeasure() throws {
    place.makeDigits()
    let outcome = place.succeeds(
      """
      nn-train train.h5 --model lenet5 --epochs 3 -q | swa-avg | bn-update --data train.h5 -q \
        | nn-predict --data test.h5 -q | calib-eval
      """)
    #expect(outcome.errors.isEmpty, "\(outcome)")
    let table = outcome.table
    #expect(table.count == 2)
    #expect(table[0].contains("accuracy") && table[0].contains("nll_nats"))
    #expect(place.listing == ["small.json", "test.h5", "train.h5"])
    // One command at a time finds the same, and nn-eval the same of the weights.
    place.succeeds("nn-train train.h5 --model lenet5 --epochs 3 -q -o run.h5")
    place.succeeds("swa-avg run.h5 -o swa.h5 && bn-update swa.h5 --data train.h5 -q -o fresh.h5")
    place.succeeds("nn-predict fresh.h5 --data test.h5 -q -o p.h5")
    place.succeeds("swa-avg run.h5 | weights-check -q && weights-check -q run.h5 fresh.h5 p.h5")
    #expect(place.succeeds("calib-eval p.h5").table[1].dropFirst() == table[1].dropFirst())
    let evaluated = place.succeeds("nn-eval fresh.h5 --data test.h5 -q").table
    let loss = try #require(Double(evaluated[1][evaluated[0].firstIndex(of: "loss")!]))
    let likelihood = try #require(Double(table[1][table[0].firstIndex(of: "nll_nats")!]))
    // Six digits are printed; probabilities are stored as Floats.
    #expect(abs(likelihood - loss) < 1e-5 * loss)
  }

  /// Pipes carry what files would: the same bytes.
  @Test func pipesAndFiles() throws {
    place.makeDigits()
    let train = "nn-train train.h5 --model small.json --epochs 3 -q --no-history"
    place.succeeds("\(train) -o run.h5 && \(train) > piped-run.h5")
    place.succeeds("swa-avg run.h5 --no-history -o swa.h5")
    place.succeeds("bn-update swa.h5 --data train.h5 -q --no-history -o fresh.h5")
    place.succeeds("nn-predict fresh.h5 --data test.h5 -q --no-history -o p.h5")
    place.succeeds(
      """
      \(train) | swa-avg --no-history | bn-update --data train.h5 -q --no-history \
        | nn-predict --data test.h5 -q --no-history > piped.h5
      """)
    place.succeeds("cmp p.h5 piped.h5")
    try place.expectSameContents("run.h5", "piped-run.h5")
    let files = place.succeeds("nn-eval fresh.h5 --data test.h5 -q").table
    let piped = place.succeeds("nn-eval --data test.h5 -q < fresh.h5").table
    #expect(files[1].dropFirst() == piped[1].dropFirst())
    #expect(place.listing.allSatisfy { !$0.hasPrefix(".") })
  }

  /// A command is a function of its inputs: the same bytes, history included.
  @Test func theSameCommandTwice() throws {
    place.makeDigits()
    let commands = [
      "nn-train train.h5 --model small.json --epochs 2 --augment crop,flip --validation test.h5"
        + " --seed 4 -q -o run.h5",
      "swa-avg run.h5 -o swa.h5",
      "bn-update swa.h5 --data train.h5 --augment crop,flip -q -o fresh.h5",
      "nn-predict run.h5 --data test.h5 --members -q -o p.h5",
    ]
    for command in commands { place.succeeds(command) }
    place.succeeds("mkdir once && mv run.h5 swa.h5 fresh.h5 p.h5 once/")
    sleep(1)
    for command in commands { place.succeeds(command) }
    for name in ["run", "swa", "fresh", "p"] {
      place.succeeds("cmp once/\(name).h5 \(name).h5")
    }
    place.succeeds("nn-train train.h5 --model small.json --epochs 2 --seed 5 -q -o other.h5")
    #expect(try place.contents("other.h5") != place.contents("run.h5"))
  }

  /// HDF5's own tools read everything.
  @Test(.enabled(if: hasHDF5Tools, "needs h5dump, h5ls and h5diff (hdf5-tools)"))
  func otherPrograms() throws {
    place.makeDigits()
    place.succeeds("nn-train train.h5 --model small.json --epochs 2 -q -o run.h5")
    place.succeeds("swa-avg run.h5 | bn-update --data train.h5 -q -o fresh.h5")
    place.succeeds("nn-predict run.h5 --data test.h5 --members -q -o p.h5")
    for file in ["train.h5", "run.h5", "fresh.h5", "p.h5"] {
      place.succeeds("h5ls -r \(file) && h5dump -H \(file) && h5dump \(file) > /dev/null")
      place.succeeds("h5diff \(file) \(file)")
    }
    let differences = place.run("h5diff -q run.h5 fresh.h5")
    #expect(differences.status == 1, "\(differences)")
  }

  static let hasHDF5Tools =
    Workplace().run("command -v h5dump && command -v h5ls && command -v h5diff").status == 0

  /// A reader that goes away is no error, and nothing stays behind.
  @Test func closedPipes() throws {
    place.makeDigits()
    place.succeeds("nn-train train.h5 --model lenet5 --epochs 1 -q -o run.h5")
    let before = place.listing
    for tool in [
      "nn-train train.h5 --model lenet5 --epochs 1 -q", "bn-update run.h5 --data train.h5 -q",
      "nn-predict run.h5 --data test.h5 --members -q",
    ] {
      let outcome = place.run("{ \(tool); echo $? >&2; } | head -c 10 > /dev/null")
      // Status 0, or the shell's word for a process that SIGPIPE ended.
      #expect(["0\n", "141\n"].contains(outcome.errors), "\(outcome)")
    }
    let table = place.run("{ nn-eval run.h5 --data test.h5 -q; echo $? >&2; } | true")
    #expect(["0\n", "141\n"].contains(table.errors), "\(table)")
    #expect(place.listing == before)
  }

  /// Output that cannot be written: one line, status 73 or 74.
  @Test func outputsThatCannotBe() throws {
    place.makeDigits()
    place.succeeds("nn-train train.h5 --model lenet5 --epochs 1 -q -o run.h5")
    for (tool, full) in [
      ("nn-train train.h5 --model lenet5 --epochs 1 -q", true),
      ("bn-update run.h5 --data train.h5 -q", true),
      ("nn-predict run.h5 --data test.h5 -q", true),
    ] {
      place.fails("\(tool) -o none/out.h5", 73, "none/out.h5: no such file or directory")
      place.fails("\(tool) -o .", 73, "is a directory")
      if full { place.fails("\(tool) > /dev/full", 74, "No space left on device") }
    }
  }
}

import Foundation
import Testing

/// A standard stream that the caller has closed: no file gets its number, and what should go there is
/// an error.
@Suite struct ClosedStreamsTests {
  let place = Workplace()

  @Test(arguments: [">&-", "<&- >&-", "<&- >&- 2>&-"])
  func aTrainingKeepsItsFile(_ closed: String) throws {
    place.makeDigits()
    let options = "train.h5 --model mlp:8 --seed 3 -q"
    place.succeeds("nn-train \(options) --epochs 2 -o run.h5")
    let before = place.bytes("run.h5")
    for command in ["--epochs 4 --resume -o run.h5", "--epochs 2 -o new.h5"] {
      let outcome = place.run("nn-train \(options) \(command) \(closed)")
      #expect(outcome.status == 74, "\(outcome)")
      if !closed.contains("2>") {
        #expect(
          outcome.errors.contains("nn-train: standard output: is closed"), "\(outcome)")
      }
    }
    #expect(place.bytes("run.h5") == before)
    #expect(!place.exists("new.h5"))
  }

  /// Without standard error there is nothing to say it to, but the work goes on.
  @Test func noStandardError() throws {
    place.makeDigits()
    place.succeeds("nn-train train.h5 --model mlp:8 --epochs 2 -o run.h5 <&- 2>&-")
    place.succeeds("nn-train train.h5 --model mlp:8 --epochs 2 -o same.h5 --no-history")
    try place.expectSameContents("run.h5", "same.h5")
  }

  @Test func resultsAndTables() throws {
    place.makeDigits()
    place.succeeds("nn-train train.h5 --model mlp:8 --epochs 2 -q -o run.h5")
    for command in [
      "nn-data synth spirals", "nn-data select train.h5 --rows :3", "swa-avg run.h5",
      "nn-train train.h5 --model mlp:8 --epochs 1 -q", "nn-predict run.h5 --data test.h5 -q",
      "nn-eval run.h5 --data test.h5", "nn-train --list-methods", "nn-eval --help",
      "swa-avg --version", "swa-avg --generate-completion-script bash",
    ] {
      place.fails("\(command) >&-", 74, "standard output: is closed")
    }
    for command in [
      "nn-eval --help", "swa-avg --version", "nn-data --generate-completion-script zsh",
    ] {
      place.fails("\(command) > /dev/full", 74, "standard output: No space left on device")
    }
    place.fails("swa-avg -o a.h5 <&-", 66, "standard input: is closed")
  }
}

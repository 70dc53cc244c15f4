import Foundation
import HDF5
import Testing

/// What an output may take the place of.
@Suite struct OutputRulesTests {
  let place = Workplace()

  /// No tool replaces one of its inputs, by whatever name both are reached.
  @Test func inputs() throws {
    place.makeDigits()
    place.succeeds("nn-data synth sinusoid --count 40 -o line.h5")
    place.succeeds("nn-train train.h5 --model mlp:8 --epochs 3 -q -o run.h5 --seed 1")
    place.succeeds("nn-train train.h5 --model mlp:8 --epochs 3 -q -o b.h5 --seed 2")
    place.succeeds("swa-avg run.h5 -o swa.h5 && swag-fit run.h5 -k 2 -o swag.h5")
    place.succeeds("curve-fit run.h5 b.h5 --data train.h5 --epochs 1 -q -o curve.h5")
    place.succeeds("subspace-pca run.h5 --rank 2 -o pca.h5 && cp run.h5 c.h5")
    place.succeeds("nn-predict swa.h5 --data test.h5 -q -o p.h5 && cp p.h5 v.h5")
    place.succeeds("nn-train train.h5 --model mlp:8 --print-architecture > mlp.json")
    place.write("t.csv", "1,2,0\n3,4,1\n5,6,0\n")
    place.write("rows.txt", "0 1 2\n")
    for (command, inputs) in [
      ("swa-avg swa.h5 'c.h5[1:]'", ["swa.h5", "c.h5"]), ("swag-fit run.h5 c.h5", ["c.h5"]),
      ("swag-sample swag.h5", ["swag.h5"]), ("subspace-pca run.h5 c.h5", ["run.h5", "c.h5"]),
      ("subspace-pca --random --at swa.h5", ["swa.h5"]), ("curve-sample curve.h5", ["curve.h5"]),
      ("plane-sample curve.h5 --project swa.h5", ["curve.h5", "swa.h5"]),
      ("bn-update swa.h5 --data train.h5 --model mlp.json", ["swa.h5", "train.h5", "mlp.json"]),
      ("nn-convert swa.h5", ["swa.h5"]), ("nn-convert < swa.h5", ["swa.h5"]),
      ("nn-predict swa.h5 --data test.h5 --model mlp.json", ["swa.h5", "test.h5", "mlp.json"]),
      ("nn-data csv t.csv --normalize-like line.h5", ["t.csv", "line.h5"]),
      ("nn-data csv < t.csv", ["t.csv"]),
      ("nn-data select train.h5 --rows-file rows.txt", ["train.h5", "rows.txt"]),
      (
        "nn-train train.h5 --validation test.h5 --model mlp.json --overwrite",
        ["train.h5", "test.h5", "mlp.json"]
      ),
      ("nn-train train.h5 --init swa.h5 --overwrite", ["swa.h5"]),
      (
        "curve-fit swa.h5 b.h5 --data train.h5 --validation test.h5 --model mlp.json --overwrite",
        ["swa.h5", "b.h5", "train.h5", "test.h5", "mlp.json"]
      ),
      (
        "subspace-sample pca.h5 --data train.h5 --model mlp.json --overwrite",
        ["pca.h5", "train.h5", "mlp.json"]
      ),
      ("subspace-sample pca.h5 --data train.h5 --method grid", ["pca.h5", "train.h5"]),
      ("calib-eval p.h5 --temperature-from v.h5", ["p.h5", "v.h5"]),
      (
        "calib-eval --probabilities p.h5:/probabilities --targets v.h5:/targets --temperature-from v.h5",
        ["p.h5", "v.h5"]
      ),
    ] {
      for input in inputs {
        let before = place.bytes(input)
        place.succeeds("ln -f \(input) hard.h5 && ln -sf \(input) soft.h5")
        for name in [input, "./\(input)", "hard.h5", "soft.h5"] {
          place.fails("\(command) -o \(name)", 73, "\(name): is an input, and would be replaced")
        }
        #expect(place.bytes(input) == before, "\(command): \(input)")
      }
    }
  }

  /// Whole results are replaced, as make expects; a run that could go on only if that is asked for.
  @Test func runs() throws {
    place.makeDigits()
    place.succeeds("nn-train train.h5 --model mlp:8 --epochs 2 -q -o run.h5")
    place.succeeds("nn-train train.h5 --model mlp:8 --epochs 2 -q -o b.h5 --seed 2")
    place.succeeds(
      "curve-fit run.h5 b.h5 --data train.h5 --epochs 1 --resume -q -o curve.h5 && cp b.h5 x.h5")
    for run in ["x.h5", "curve.h5"] {
      let before = place.bytes(run)
      for command in [
        "swa-avg run.h5", "nn-data synth spirals --count 8", "nn-predict run.h5 --data test.h5 -q",
        "curve-fit run.h5 b.h5 --data train.h5 --epochs 1 -q",
      ] {
        place.fails("\(command) -o \(run)", 73, "\(run): is a run that --resume could go on with")
      }
      #expect(place.bytes(run) == before)
    }
    place.succeeds("swa-avg run.h5 --overwrite -o x.h5 && swa-avg b.h5 -o x.h5")
    place.succeeds("curve-fit run.h5 b.h5 --data train.h5 --epochs 1 -q --overwrite -o curve.h5")
    place.succeeds("curve-fit run.h5 b.h5 --data train.h5 --epochs 1 -q -o curve.h5")
    // What is no HDF5 file says nothing of a run.
    place.write("text.h5", "text")
    place.succeeds("swa-avg run.h5 -o text.h5")
  }

  /// The file of a running training is its own, also with --overwrite.
  @Test func aRunningTraining() throws {
    place.makeDigits()
    place.succeeds("swa-avg --help > /dev/null")
    place.succeeds("nn-train train.h5 --model mlp:8 --epochs 1 -q -o z.h5")
    let outcome = place.run(
      """
      : > table
      nn-train train.h5 --model mlp:8 --epochs 100000 -q -o run.h5 > table & pid=$!
      until [ $(wc -l < table) -gt 2 ]; do sleep 0.05; done
      swa-avg z.h5 --overwrite -o run.h5; echo $?
      nn-data synth spirals --overwrite -o run.h5; echo $?
      nn-train train.h5 --model mlp:8 --epochs 1 -q --overwrite -o run.h5; echo $?
      nn-train train.h5 --model mlp:8 --epochs 1 -q --resume -o run.h5; echo $?
      kill -TERM $pid; wait $pid; echo $?
      """)
    #expect(outcome.output == "73\n73\n73\n73\n143\n", "\(outcome)")
    #expect(outcome.errors.split(separator: "\n").count == 4)
    #expect(outcome.errors.contains("swa-avg: run.h5.part: another process is writing to it"))
    place.succeeds("nn-eval run.h5.part --last 1 --data test.h5 -q")
  }
}

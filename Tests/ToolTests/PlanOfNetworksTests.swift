import Foundation
import Testing

/// `--plan` of the tools that run networks, and of those that make data and judge predictions.
@Suite(.serialized, .enabled(if: Workplace.measuresMemory, "needs GNU time"))
struct PlanOfNetworksTests {
  @Test func trainingAndPrediction() throws {
    let place = Workplace()
    place.makeDigits(train: 2000, test: 1000)
    try place.holdsToPlan(
      "nn-train train.h5 --model lenet5 -e 2 -b 256 --validation test.h5 -o a.h5", "a.h5")
    try place.holdsToPlan(
      "nn-train train.h5 --model small.json -e 2 --optimizer adamw -q -o small.h5", "small.h5")
    try place.holdsToPlan(
      "nn-train train.h5 --model small.json -e 3 --average ema:decay=0.9 --snapshot-average -@ 1"
        + " -q -o ema.h5", "ema.h5")
    place.succeeds("nn-train train.h5 --model lenet5 -e 1 --seed 3 -q -o b.h5")
    try place.holdsToPlan("nn-eval a.h5 b.h5 --data test.h5", nil)
    try place.holdsToPlan("nn-eval small.h5 --data test.h5 -b 1000", nil)
    try place.holdsToPlan("nn-predict a.h5 --data test.h5 -o p.h5", "p.h5")
    try place.holdsToPlan("nn-predict small.h5 --data test.h5 --members -o p.h5", "p.h5")
    try place.holdsToPlan("bn-update small.h5 --data train.h5 -o fresh.h5", "fresh.h5")
    try place.holdsToPlan("bn-update a.h5 --data train.h5 -o fresh.h5", "fresh.h5")
    try place.holdsToPlan("curve-fit a.h5 b.h5 --data train.h5 -e 1 -o curve.h5", "curve.h5")
    place.succeeds("subspace-pca a.h5 --rank 1 -o pca.h5")
    for method in ["ess", "nuts", "vi --epochs 2"] {
      try place.holdsToPlan(
        "subspace-sample pca.h5 --data test.h5 --method \(method) --samples 2"
          + (method.hasPrefix("vi") ? "" : " --burn-in 1") + " -o s.h5", "s.h5")
    }
  }

  @Test func data() throws {
    let place = Workplace()
    for count in [100, 60_000] {
      try place.holdsToPlan("nn-data synth digits --count \(count) -o d.h5", "d.h5")
      try place.holdsToPlan("nn-data select d.h5 --rows ::2 -o part.h5", "part.h5")
    }
    try place.holdsToPlan("nn-data synth sinusoid -o s.h5", "s.h5")
    place.write("t.csv", (0..<3000).map { "\($0),\($0 % 7),\($0 % 3)" }.joined(separator: "\n"))
    try place.holdsToPlan("nn-data csv t.csv -o t.h5", "t.h5")
  }

  @Test func predictions() throws {
    let place = Workplace()
    let (count, classes) = (200_000, 5)
    place.write(
      "y.csv", (0..<count).map { "\($0 % classes)" }.joined(separator: "\n") + "\n")
    place.write(
      "p.csv",
      (0..<count).map { i in
        (0..<classes).map { $0 == (i &* 7 / 5) % classes ? "0.6" : "0.1" }.joined(separator: ",")
      }.joined(separator: "\n") + "\n")
    for options in [
      "", "--metrics all", "--bootstrap 20", "--binning mass", "-@ 1", "--reliability",
    ] { try place.holdsToPlan("calib-eval p.csv,y.csv \(options)", nil) }
    for option in ["--ood", "--conformal", "--against", "--temperature-from"] {
      try place.holdsToPlan("calib-eval p.csv,y.csv \(option) p.csv,y.csv", nil)
    }
  }

  @Test func inspection() throws {
    let place = Workplace()
    try place.trajectory("small.h5", snapshots: 2, tensors: [("a.weight", [10])]) { t, i in
      Float(t + i)
    }
    try place.trajectory(
      "many.h5", snapshots: 1, tensors: (0..<2000).map { ("t\($0).weight", [9]) }
    ) { t, i in Float(t + i) }
    try place.trajectory("wide.h5", snapshots: 2, tensors: [("a.weight", [3_000_000])]) { t, i in
      Float(i % 100)
    }
    place.succeeds("nn-convert 'wide.h5[0]' -o wide.safetensors")
    for name in ["small.h5", "many.h5", "wide.h5", "wide.safetensors"] {
      try place.holdsToPlan("weights-check \(name)", nil)
      try place.holdsToPlan("weights-check --quick \(name)", nil)
    }
  }
}

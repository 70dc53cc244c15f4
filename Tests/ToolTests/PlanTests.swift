import Foundation
import Testing

/// What `--plan` says of memory and output is what the run takes, on small inputs, where the process
/// itself counts, and on larger ones.
@Suite(.serialized, .enabled(if: Workplace.measuresMemory, "needs GNU time")) struct PlanTests {
  /// Trajectories `small.h5` of 3 × 110, `wide.h5` of 3 × 3 · 10⁶ and `many.h5` of 1500 tensors.
  private func weights() throws -> Workplace {
    let place = Workplace()
    func noise(_ t: Int, _ i: Int) -> Float {
      Float((i &* 2_654_435_761 &+ t &* 40_503) % 1009) / 1009 + Float(t)
    }
    try place.trajectory(
      "small.h5", snapshots: 3, tensors: [("a.weight", [10, 10]), ("a.bias", [10])], value: noise)
    try place.trajectory(
      "wide.h5", snapshots: 3, tensors: [("a.weight", [1000, 2000]), ("b.weight", [1_000_000])],
      value: noise)
    try place.trajectory(
      "many.h5", snapshots: 2, tensors: (0..<1500).map { ("t\($0).weight", [20]) }, value: noise)
    return place
  }

  @Test func averages() throws {
    let place = try weights()
    for name in ["small", "wide", "many"] {
      try place.holdsToPlan("swa-avg \(name).h5 -o mean.h5", "mean.h5")
      try place.holdsToPlan("swa-avg \(name).h5 -o mean.safetensors", "mean.safetensors")
    }
    try place.holdsToPlan("swa-avg wide.h5 --running -o running.h5", "running.h5")
    try place.holdsToPlan("swa-avg wide.h5 --window 2 -@ 1 -o window.h5", "window.h5")
    try place.holdsToPlan("nn-convert 'small.h5[0]' -o one.npz", "one.npz")
    try place.holdsToPlan("nn-convert 'wide.h5[0]' -o one.safetensors", "one.safetensors")
    try place.holdsToPlan("nn-convert one.safetensors -o back.h5", "back.h5")
    try place.holdsToPlan("nn-convert many.h5 -o copy.h5", "copy.h5")
  }

  @Test func gaussians() throws {
    let place = try weights()
    for name in ["small", "wide", "many"] {
      try place.holdsToPlan("swag-fit \(name).h5 -o swag.h5", "swag.h5")
      try place.holdsToPlan("swag-sample swag.h5 -s 5 -o samples.h5", "samples.h5")
      try place.holdsToPlan("subspace-pca \(name).h5 --rank 2 -o pca.h5", "pca.h5")
    }
    try place.holdsToPlan("swag-fit small.h5 --rank 0 -o swag.h5", "swag.h5")
    try place.holdsToPlan("swag-fit wide.h5 --deviations final --rank 2 -o swag.h5", "swag.h5")
    try place.holdsToPlan("swag-sample swag.h5 -s 9 --log-density -o samples.h5", "samples.h5")
    try place.holdsToPlan(
      "subspace-pca --random --at wide.h5 --rank 3 -o random.h5", "random.h5")
  }

  @Test func components() throws {
    let place = Workplace()
    try place.trajectory("long.h5", snapshots: 1500, tensors: [("a.weight", [40, 50])]) {
      Float(($0 &* 7919 &+ $1 &* $1 &* 104_729) % 1013) / 1013
    }
    try place.holdsToPlan("subspace-pca long.h5 -o pca.h5", "pca.h5")
    try place.holdsToPlan("swag-fit long.h5 -o swag.h5", "swag.h5")
  }

  /// As JSON, and with errors as ever.
  @Test func formsAndErrors() throws {
    let place = try weights()
    let rows = try #require(
      JSONSerialization.jsonObject(
        with: place.succeeds("weights-check small.h5 --plan --json").outputBytes)
        as? [[String: Any]])
    #expect(
      rows.compactMap { $0["what"] as? String } == ["memory", "passes", "input", "output", "time"])
    #expect(rows.first?["value"] as? Double ?? 0 > 1e6)
    place.fails("swa-avg none.h5 --plan -o o.h5", 66, "swa-avg: none.h5: no such file")
    place.fails("swa-avg small.h5 --plan -o small.h5", 73, "small.h5")
    place.fails("swag-fit 'small.h5[0]' --plan -o o.h5", 65, "one snapshot has no variance")
  }

  @Test func planes() throws {
    let place = try weights()
    for name in ["small", "wide"] {
      try place.holdsToPlan("plane-sample \(name).h5 -o plane.h5", "plane.h5")
      try place.holdsToPlan(
        "plane-sample --at \(name).h5 --filter-normalized --line -o line.h5", "line.h5")
      try place.holdsToPlan(
        "curve-sample --line '\(name).h5[0]' '\(name).h5[1]' -o curve.h5", "curve.h5")
    }
    try place.holdsToPlan("plane-sample small.h5 --grid 300 -o plane.h5", "plane.h5")
    try place.holdsToPlan("plane-sample wide.h5 --project wide.h5", nil)
  }
}

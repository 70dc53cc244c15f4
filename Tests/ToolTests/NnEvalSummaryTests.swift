import Foundation
import Testing
import TrajectoryFiles
import WeightSpace

@Suite struct NnEvalSummaryTests {
  let place = Workplace()

  func rows(_ command: String) throws -> [[String: Any]] {
    let outcome = place.succeeds(command)
    return try #require(
      JSONSerialization.jsonObject(with: outcome.outputBytes) as? [[String: Any]])
  }

  func numbers(_ rows: [[String: Any]], _ name: String) -> [Double] {
    rows.map { $0[name] as? Double ?? .nan }
  }

  func makeNetworks() {
    place.makeDigits()
    for (name, seed) in [("a", 1), ("b", 2)] {
      place.succeeds(
        "nn-train train.h5 --model mlp:20 --epochs 3 --seed \(seed) -q -o \(name).h5")
    }
  }

  /// The summary of a straight line against its rows and its weights.
  /// The control points of a curve are no points on it.
  @Test func controlPoints() throws {
    place.makeDigits()
    for seed in [1, 2] {
      place.succeeds("nn-train train.h5 --model mlp:8 --epochs 1 --seed \(seed) -q -o \(seed).h5")
    }
    place.succeeds("curve-fit 1.h5 2.h5 --data train.h5 --epochs 1 -q -o curve.h5")
    place.fails("nn-eval curve.h5 --data test.h5 --summary", 65, "take points with curve-sample")
    #expect(place.succeeds("nn-eval curve.h5 --data test.h5").table.count == 4)
  }

  @Test func line() throws {
    makeNetworks()
    place.succeeds("curve-sample --line a.h5 b.h5 --points 7 -q -o line.h5")
    let points = try rows("nn-eval line.h5 --data test.h5 -q --json")
    let summary = try rows("nn-eval line.h5 --data test.h5 --summary --wd 0.01 -q --json")
    #expect(
      summary.map { $0["quantity"] as? String } == ["loss", "regularized_loss", "error"])

    let reader = try TrajectoryReader(place.file("line.h5"))
    var vector = WeightVector(count: reader.layout.count)
    var weights: [[Float]] = []
    for i in 0..<7 {
      try reader.readWeights(i, into: &vector)
      weights.append(vector.elements)
    }
    let distances = (1..<7).map { k -> Double in
      var sum = 0.0
      for i in 0..<vector.count {
        let step = Double(weights[k][i]) - Double(weights[k - 1][i])
        sum += step * step
      }
      return sum.squareRoot()
    }
    let norms = weights.map { $0.reduce(0.0) { $0 + Double($1) * Double($1) } }
    let t = numbers(points, "t")
    let losses = numbers(points, "loss")
    let regularized = (0..<7).map { losses[$0] + 0.005 * norms[$0] }
    let errors = numbers(points, "accuracy").map { 1 - $0 }
    for (row, values) in zip(summary, [losses, regularized, errors]) {
      func check(_ name: String, _ expected: Double) {
        let found = row[name] as? Double ?? .nan
        #expect(
          abs(found - expected) <= 1e-9 * max(1, abs(expected)), "\(name): \(found), \(expected)")
      }
      check("points", 7)
      check("start", values[0])
      check("end", values[6])
      check("min", values.min()!)
      check("max", values.max()!)
      check("max_at", t[values.firstIndex(of: values.max()!)!])
      check("mean", values.reduce(0, +) / 7)
      check("length", distances.reduce(0, +))
      var area = 0.0
      for k in 1..<7 { area += 0.5 * (values[k - 1] + values[k]) * distances[k - 1] }
      check("integral", area / distances.reduce(0, +))
      let excess = (0..<7).map { values[$0] - (1 - t[$0]) * values[0] - t[$0] * values[6] }
      check("barrier", max(0, excess.max()!))
    }
    // Two networks from different seeds do not lie in one valley: the barrier checked above is one.
    #expect((summary[0]["barrier"] as? Double ?? 0) > 0.01)
  }

  /// A plane's extremes are where its rows have them; trajectories of other kinds have a summary too.
  @Test func planes() throws {
    makeNetworks()
    place.succeeds("plane-sample a.h5 'a.h5[0]' b.h5 --grid 4 -q -o plane.h5")
    let points = try rows("nn-eval plane.h5 --data test.h5 -q --json")
    let summary = try rows("nn-eval plane.h5 --data test.h5 --summary -q --json")
    let losses = numbers(points, "loss")
    let low = losses.firstIndex(of: losses.min()!)!
    let high = losses.firstIndex(of: losses.max()!)!
    #expect(summary[0]["min"] as? Double == losses[low])
    #expect(summary[0]["min_x"] as? Double == points[low]["x"] as? Double)
    #expect(summary[0]["min_y"] as? Double == points[low]["y"] as? Double)
    #expect(summary[0]["max"] as? Double == losses[high])
    #expect(summary[0]["max_x"] as? Double == points[high]["x"] as? Double)
    #expect(summary[0]["max_y"] as? Double == points[high]["y"] as? Double)
    let run = try rows("nn-eval a.h5 b.h5 --data test.h5 --summary -q --json")
    #expect(run.count == 4 && run[3]["file"] as? String == "b.h5")
    #expect(run[0]["points"] as? Int == 3)
  }

  @Test func badInput() throws {
    makeNetworks()
    place.succeeds("plane-sample a.h5 'a.h5[0]' b.h5 --grid 2 -q -o plane.h5")
    place.fails("nn-eval a.h5 plane.h5 --data test.h5 --summary -q", 64, "ask for each")
    place.fails("nn-eval a.h5 --data test.h5 --wd 0.1 -q", 64, "needs --summary")
    place.fails("nn-eval a.h5 --data test.h5 --summary --wd=-1 -q", 64, "--weight-decay must be")
  }
}

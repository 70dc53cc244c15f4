import Prediction
import Testing

@Suite struct PathSummaryTests {
  /// (1, ½, 0.8) with distances 0 and then 3, 1 between neighbours: by hand ¼ (3 · ¾ + 0.65) = 0.725.
  @Test func knownPath() {
    let path = PathSummary([1, 0.5, 0.8], positions: [0, 0.5, 1], distances: [3, 1])
    #expect(abs(path.integral - 0.725) < 1e-15)
    #expect(abs(path.mean - 2.3 / 3) < 1e-15)
    #expect(path.start == 1 && path.end == 0.8)
    #expect(path.minimum == 0.5 && path.maximum == 1 && path.maximumPosition == 0)
    #expect(path.barrier == 0)
  }

  /// Above the straight line from 1 to 3: at ¼ the line has 1.5, so 2.5 is 1 above it; at ½ it has 2,
  /// so 2.75 is less so although the value is larger.
  @Test func barrier() {
    let path = PathSummary(
      [1, 2.5, 2.75, 3], positions: [0, 0.25, 0.5, 1], distances: [1, 1, 1])
    #expect(path.barrier == 1)
    #expect(path.maximum == 3 && path.maximumPosition == 1)
    let dip = PathSummary([1, -4, 1], positions: [0, 0.5, 1], distances: [1, 1])
    #expect(dip.barrier == 0 && dip.minimum == -4)
  }

  @Test func onePointAndNoLength() {
    let point = PathSummary([0.3], positions: [0], distances: [])
    #expect(point.integral == 0.3 && point.barrier == 0 && point.mean == 0.3)
    let still = PathSummary([1, 2], positions: [0, 1], distances: [0])
    #expect(still.integral == 1.5)
  }

  /// A path through divergence has no barrier of 0.
  @Test func divergence() {
    let path = PathSummary([1, .nan, 2, 1], positions: [0, 1, 2, 3], distances: [1, 1, 1])
    #expect(path.minimum == 1 && path.maximum.isNaN && path.maximumPosition == 1)
    #expect(path.mean.isNaN && path.integral.isNaN && path.barrier.isNaN)
    let infinite = PathSummary([1, .infinity, 1], positions: [0, 1, 2], distances: [1, 1])
    #expect(infinite.maximum == .infinity && infinite.barrier == .infinity)
    let start = PathSummary([.nan, 3, 1], positions: [0, 1, 2], distances: [1, 1])
    #expect(start.minimum == 1 && start.maximum.isNaN && start.barrier.isNaN)
  }
}

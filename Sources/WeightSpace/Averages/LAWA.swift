extension AveragePlan {
  /// Latest weight averaging: after each vector the mean of the last `length`, of all where there are
  /// fewer (Kaddour, "Stop wasting my time! Saving days of ImageNet and BERT training with latest
  /// weight averaging", 2022).
  ///
  /// Each mean is summed anew from its vectors, so that it is the mean that `uniform` makes of them to
  /// the last bit, and nothing drifts however many there are. Cost: O(length) for each element.
  public static func windows(count: Int, length: Int) -> AveragePlan {
    AveragePlan(
      window: length,
      outputs: (0..<count).map { Output(vector: $0, count: min($0 + 1, length)) })
  }
}

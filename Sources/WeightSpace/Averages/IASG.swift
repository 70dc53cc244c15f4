extension AveragePlan {
  /// Iterate averaging stochastic gradient sampling: means of disjoint runs of `length` vectors. What
  /// is left at the end makes no mean.
  ///
  /// With a run of N/S iterates of SGD at a constant rate, N examples in batches of S, the means have
  /// a covariance near A⁻¹ C A⁻¹ / N, for Hessian A and covariance C of single examples' gradients:
  /// the posterior's where C = A (Mandt, Hoffman, Blei, "Stochastic gradient descent as approximate
  /// Bayesian inference", JMLR 2017, section 5).
  public static func blocks(count: Int, length: Int) -> AveragePlan {
    precondition(length > 0, "a run has at least one vector")
    let steps = (0..<(count / length * length)).map { t in
      Step(divisor: Double(t % length + 1), begins: t % length == 0)
    }
    let outputs = (0..<(count / length)).map { block in
      Output(vector: (block + 1) * length - 1, count: length)
    }
    return AveragePlan(steps: steps, outputs: outputs)
  }
}

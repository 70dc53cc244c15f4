/// Which averages of T vectors that come one at a time, such as the snapshots of a training run, are
/// taken, and how: each method is a plan.
///
/// A running sum takes one step for each vector, sum ← decay · sum + weight · w, after which the
/// average is sum / divisor; or with a `window` each average is the mean of the last vectors.
public struct AveragePlan: Sendable, Equatable {
  /// What adding one vector does.
  public struct Step: Sendable, Equatable {
    public var decay = 1.0
    public var weight = 1.0
    public var divisor = 1.0
    /// Whether the sum starts anew with this vector.
    public var begins = false
  }

  /// An average that is wanted.
  public struct Output: Sendable, Equatable {
    /// The vector after which it is taken, counted from 0.
    public var vector: Int
    /// How many vectors it averages.
    public var count: Int
  }

  /// One for each vector; nothing where there is a window.
  public let steps: [Step]
  /// In the vectors' order.
  public let outputs: [Output]
  /// The most vectors of a mean that is made anew for each output; nil for a running sum.
  public let window: Int?

  /// Averages of a running sum.
  public init(steps: [Step], outputs: [Output]) {
    self.steps = steps
    self.outputs = outputs
    window = nil
  }

  /// Means of the last `window` vectors before each output.
  public init(window: Int, outputs: [Output]) {
    precondition(window > 0, "a window has at least one vector")
    steps = []
    self.outputs = outputs
    self.window = window
  }

  /// Averages of all vectors so far: after each one, or only after the last.
  static func outputs(count: Int, running: Bool) -> [Output] {
    (running ? 0..<count : (count - 1)..<count).map { Output(vector: $0, count: $0 + 1) }
  }
}

/// What a plan is to do besides a forward pass.
struct PlanOptions: OptionSet, Hashable {
  let rawValue: Int

  /// BatchNorm takes the batch's own mean and variance, not the running ones.
  static let batchStatistics = Self(rawValue: 1 << 0)
  /// Dropout layers drop units.
  static let dropout = Self(rawValue: 1 << 1)
  /// The gradient by all parameters.
  static let backward = Self(rawValue: 1 << 2)
  /// The derivative of every value along a direction of the parameters (Pearlmutter's R-operator),
  /// J v at the outputs; only beside `backward`.
  static let tangent = Self(rawValue: 1 << 3)
  /// The backward pass carries the derivative of every gradient along the direction too, and what it
  /// leaves in the flat gradient is that derivative, H v; only beside `tangent`.
  static let secondOrder = Self(rawValue: 1 << 4)
  /// Copies of what goes into each linear map and of the gradient of what comes out; only beside a
  /// `backward` of first order.
  static let taps = Self(rawValue: 1 << 5)

  /// Batch statistics are summed up in Double; only beside `batchStatistics` and without `backward`.
  static let exactStatistics = Self(rawValue: 1 << 6)

  /// The loss as training sees it, and its gradient.
  static let training: Self = [.batchStatistics, .dropout, .backward]
  /// The loss as training sees it without its gradient.
  static let statistics: Self = [.batchStatistics, .dropout]
  /// What refreshing BatchNorm needs: its statistics are the result.
  static let refreshing: Self = [.batchStatistics, .dropout, .exactStatistics]
  /// Prediction.
  static let prediction: Self = []
  /// One draw of a network whose units are dropped at random (MC dropout, Gal & Ghahramani 2016).
  static let sampling: Self = [.dropout]
}

import Glibc

/// The step size of a Hamiltonian sampler, adapted so that proposals are accepted with a wanted mean
/// probability (Hoffman, Gelman, "The No-U-Turn Sampler", 2014, section 3.2, with its constants).
struct DualAveraging: Sendable {
  static let target = 0.8
  private static let shrinkage = 0.05
  private static let delay = 10.0
  private static let decay = 0.75

  private(set) var logStep: Double
  private var logAverage = 0.0
  private var error = 0.0
  private var centre: Double
  private var count = 0.0

  init(stepSize: Double) {
    logStep = log(stepSize)
    centre = log(10 * stepSize)
  }

  /// The step to take next while adapting.
  var stepSize: Double { exp(logStep) }
  /// The step to keep when adaptation is over.
  var average: Double { exp(logAverage) }

  mutating func update(acceptance: Double) {
    count += 1
    let weight = 1 / (count + Self.delay)
    error += weight * (Self.target - acceptance - error)
    logStep = centre - count.squareRoot() / Self.shrinkage * error
    let share = pow(count, -Self.decay)
    logAverage += share * (logStep - logAverage)
  }

  /// All numbers, to go on from.
  var state: [Double] {
    get { [logStep, logAverage, error, centre, count] }
    set {
      (logStep, logAverage, error, centre, count) = (
        newValue[0], newValue[1], newValue[2], newValue[3], newValue[4]
      )
    }
  }
  static let stateCount = 5
}

/// When a warm-up of so many transitions estimates variances: in windows of doubling length, after a
/// beginning in which the chain finds its place and before an end that settles the step size.
struct WarmupWindows: Sendable, Equatable {
  /// The transitions, counted from 0, after which the variances of a window are put to use.
  let ends: [Int]
  /// The first transition whose position counts.
  let first: Int

  /// Stan's proportions: 75, 25 doubling, and 50 transitions, or 15 %, 75 % and 10 % of less than
  /// 150; none of less than 20.
  init(count: Int) {
    guard count >= 20 else {
      ends = []
      first = count
      return
    }
    var start = 75
    var window = 25
    var settle = 50
    if count < 150 {
      start = count * 15 / 100
      settle = count / 10
      window = count - start - settle
    }
    first = start
    var ends: [Int] = []
    var end = start + window
    let last = count - settle
    while end < last {
      // A window that the next one would not follow whole takes what is left.
      if end + 2 * window > last { break }
      ends.append(end - 1)
      window *= 2
      end += window
    }
    self.ends = ends + [last - 1]
  }
}

import Glibc
import Randomness

/// A Markov chain for a density with a gradient that needs no hand tuning: the no-U-turn sampler
/// (Hoffman, Gelman, "The No-U-Turn Sampler", 2014) with multinomial choice of the next point
/// (Betancourt, "A Conceptual Introduction to Hamiltonian Monte Carlo", 2017, appendix A.3).
///
/// During the warm-up the step size is adapted by dual averaging and the diagonal of the mass matrix
/// by the variances of the chain so far; afterwards both are fixed.
public struct NoUTurnSampler: Sendable {
  /// log p and its gradient at a point.
  public typealias Target = ([Double]) throws -> (value: Double, gradient: [Double])

  /// Trajectories have at most 2¹⁰ − 1 steps.
  public static let maximumDepth = 10
  /// A trajectory whose energy rises by more than this diverges.
  static let energyLimit = 1000.0

  public let warmup: Int
  private let windows: WarmupWindows
  private var point: PhasePoint
  private var inverseMass: [Double]
  private var averaging: DualAveraging
  private var moments: Moments

  /// The mean acceptance probability over the last transition's steps.
  public private(set) var acceptance = 0.0
  /// Evaluations of the target in the last transition.
  public private(set) var evaluations = 0
  /// Whether the last transition met an energy error beyond all bounds.
  public private(set) var diverged = false

  public var position: [Double] { point.position }
  /// log p at the position.
  public var logDensity: Double { point.logDensity }
  /// The present step size, in units of the adapted scale.
  public var stepSize: Double { averaging.stepSize }

  /// A chain that starts at a point.
  ///
  /// - Parameters:
  ///   - start: value and gradient of the target at the point, finite.
  ///   - warmup: transitions that adapt.
  public init(position: [Double], start: (value: Double, gradient: [Double]), warmup: Int) {
    precondition(start.value.isFinite, "a chain starts where the density is not zero")
    point = PhasePoint(
      position: position, momentum: position.map { _ in 0 }, gradient: start.gradient,
      logDensity: start.value)
    self.warmup = warmup
    windows = WarmupWindows(count: warmup)
    inverseMass = position.map { _ in 1 }
    averaging = DualAveraging(stepSize: 1)
    moments = Moments(dimension: position.count)
  }

  /// One transition: a function of the chain's state and of (seed, chain, iteration); the first
  /// `warmup` iterations, counted from 0, adapt.
  public mutating func step(
    seed: UInt64, chain: Int, iteration: Int, _ target: Target
  ) rethrows {
    var stream = RandomStream(
      seed: seed, stream: SubspaceStream.transition(chain: chain, iteration))
    evaluations = 0
    if iteration == 0 {
      averaging = DualAveraging(stepSize: try reasonableStep(from: 1, &stream, target))
    }
    try move(&stream, target)
    if iteration < warmup { try adapt(iteration, &stream, target) }
  }

  // MARK: One trajectory

  private mutating func move(_ stream: inout RandomStream, _ target: Target) rethrows {
    drawMomentum(&stream)
    let origin = point.energy(inverseMass)
    var walk = Walk(
      stepSize: averaging.stepSize, inverseMass: inverseMass, origin: origin, stream: stream)
    var tree = HamiltonianTree(point, logWeight: 0)
    for depth in 0..<Self.maximumDepth {
      let isForward = walk.stream.openUniform() < 0.5
      guard
        let branch = try walk.tree(
          from: isForward ? tree.forward : tree.backward, isForward: isForward, depth: depth,
          target)
      else { break }
      let (a, b) = isForward ? (tree, branch) : (branch, tree)
      // The farther half is preferred, which still leaves the distribution as it is.
      let isChosen = log(walk.stream.openUniform()) < branch.logWeight - tree.logWeight
      let choice = isChosen ? branch.choice : tree.choice
      let turns = HamiltonianTree.turns(a, b, inverseMass)
      tree = HamiltonianTree(a, b)
      tree.choice = choice
      if turns { break }
    }
    stream = walk.stream
    point = tree.choice
    evaluations += walk.steps
    acceptance = walk.steps == 0 ? 0 : walk.acceptanceSum / Double(walk.steps)
    diverged = walk.diverged
  }

  private mutating func drawMomentum(_ stream: inout RandomStream) {
    for i in inverseMass.indices {
      point.momentum[i] = Double(stream.normal()) / inverseMass[i].squareRoot()
    }
  }

  // MARK: Adaptation

  private mutating func adapt(
    _ iteration: Int, _ stream: inout RandomStream, _ target: Target
  ) rethrows {
    averaging.update(acceptance: acceptance)
    if iteration >= windows.first, let last = windows.ends.last, iteration <= last {
      moments.add(point.position)
      if windows.ends.contains(iteration) {
        inverseMass = moments.regularizedVariance
        moments = Moments(dimension: inverseMass.count)
        averaging = DualAveraging(
          stepSize: try reasonableStep(from: averaging.stepSize, &stream, target))
      }
    }
    if iteration == warmup - 1 { averaging = DualAveraging(settled: averaging.average) }
  }

  /// A step size whose first step is accepted with a probability near 0.8: doubled or halved until
  /// that is crossed (Hoffman, Gelman 2014, algorithm 4).
  private mutating func reasonableStep(
    from start: Double, _ stream: inout RandomStream, _ target: Target
  ) rethrows -> Double {
    var size = start
    var direction = 0.0
    for _ in 0..<60 {
      drawMomentum(&stream)
      let origin = point.energy(inverseMass)
      let walk = Walk(stepSize: size, inverseMass: inverseMass, origin: origin, stream: stream)
      let next = try walk.leap(from: point, isForward: true, target)
      evaluations += 1
      let isEasy = origin - next.energy(inverseMass) > log(DualAveraging.target)
      if direction == 0 { direction = isEasy ? 2 : 0.5 }
      if isEasy != (direction == 2) { break }
      size *= direction
    }
    return size
  }

  // MARK: State

  /// How many numbers the state of a chain of that dimension has.
  public static func stateCount(dimension: Int) -> Int {
    2 * dimension + 1 + dimension + DualAveraging.stateCount + Moments.stateCount(dimension)
  }

  /// All that a chain needs to go on, as numbers.
  public var state: [Double] {
    get {
      point.position + point.gradient + [point.logDensity] + inverseMass + averaging.state
        + moments.state
    }
    set {
      let d = point.position.count
      precondition(newValue.count == Self.stateCount(dimension: d), "the state of another chain")
      point.position = Array(newValue[0..<d])
      point.gradient = Array(newValue[d..<2 * d])
      point.logDensity = newValue[2 * d]
      inverseMass = Array(newValue[(2 * d + 1)..<(3 * d + 1)])
      let rest = Array(newValue[(3 * d + 1)...])
      averaging.state = Array(rest.prefix(DualAveraging.stateCount))
      moments.state = Array(rest.dropFirst(DualAveraging.stateCount))
    }
  }
}

/// Steps along a Hamiltonian trajectory, and what they came to.
private struct Walk {
  let stepSize: Double
  let inverseMass: [Double]
  /// H₀, the energy at the start.
  let origin: Double
  var stream: RandomStream
  var steps = 0
  var acceptanceSum = 0.0
  var diverged = false

  init(stepSize: Double, inverseMass: [Double], origin: Double, stream: RandomStream) {
    self.stepSize = stepSize
    self.inverseMass = inverseMass
    self.origin = origin
    self.stream = stream
  }

  /// 2^depth steps from an end of the trajectory; nil where they diverge or turn back.
  mutating func tree(
    from end: PhasePoint, isForward: Bool, depth: Int, _ target: NoUTurnSampler.Target
  ) rethrows -> HamiltonianTree? {
    if depth == 0 {
      let next = try leap(from: end, isForward: isForward, target)
      steps += 1
      let gain = origin - next.energy(inverseMass)
      acceptanceSum += min(1, exp(gain))
      if gain < -NoUTurnSampler.energyLimit {
        diverged = true
        return nil
      }
      return HamiltonianTree(next, logWeight: gain)
    }
    guard let near = try tree(from: end, isForward: isForward, depth: depth - 1, target),
      let far = try tree(
        from: isForward ? near.forward : near.backward, isForward: isForward, depth: depth - 1,
        target)
    else { return nil }
    let (a, b) = isForward ? (near, far) : (far, near)
    if HamiltonianTree.turns(a, b, inverseMass) { return nil }
    var whole = HamiltonianTree(a, b)
    whole.choice =
      log(stream.openUniform()) < far.logWeight - whole.logWeight ? far.choice : near.choice
    return whole
  }

  /// One leapfrog step.
  func leap(
    from start: PhasePoint, isForward: Bool, _ target: NoUTurnSampler.Target
  ) rethrows -> PhasePoint {
    let step = isForward ? stepSize : -stepSize
    var next = start
    for i in next.position.indices {
      next.momentum[i] += 0.5 * step * next.gradient[i]
      next.position[i] += step * inverseMass[i] * next.momentum[i]
    }
    let there = try target(next.position)
    next.logDensity = there.value
    next.gradient = there.gradient
    for i in next.position.indices { next.momentum[i] += 0.5 * step * next.gradient[i] }
    return next
  }
}

/// Running mean and variance of each coordinate (Welford).
private struct Moments: Sendable {
  private var count = 0.0
  private var mean: [Double]
  private var squares: [Double]

  init(dimension: Int) {
    mean = Array(repeating: 0, count: dimension)
    squares = mean
  }

  mutating func add(_ x: [Double]) {
    count += 1
    for i in x.indices {
      let before = x[i] - mean[i]
      mean[i] += before / count
      squares[i] += before * (x[i] - mean[i])
    }
  }

  /// The variances, drawn a little towards 10⁻³, which is the guess of one who has seen five points;
  /// 1 where fewer than two were seen.
  var regularizedVariance: [Double] {
    squares.map { sum in
      count < 2 ? 1 : (count / (count + 5)) * sum / (count - 1) + 1e-3 * 5 / (count + 5)
    }
  }

  static func stateCount(_ dimension: Int) -> Int { 1 + 2 * dimension }
  var state: [Double] {
    get { [count] + mean + squares }
    set {
      let d = mean.count
      count = newValue[0]
      mean = Array(newValue[1...d])
      squares = Array(newValue[(d + 1)...])
    }
  }
}

extension DualAveraging {
  /// A step size that is kept as it is.
  fileprivate init(settled stepSize: Double) { self.init(stepSize: stepSize) }
}

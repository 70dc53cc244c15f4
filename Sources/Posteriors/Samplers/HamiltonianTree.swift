import Glibc

/// A point of phase space with what is known there.
struct PhasePoint: Sendable {
  var position: [Double]
  var momentum: [Double]
  /// ∇ log p at the position.
  var gradient: [Double]
  /// log p at the position.
  var logDensity: Double

  /// M⁻¹ p for a diagonal M⁻¹.
  func velocity(_ inverseMass: [Double]) -> [Double] {
    zip(inverseMass, momentum).map { $0 * $1 }
  }

  /// H = −log p + ½ pᵀ M⁻¹ p; infinite where it is no number.
  func energy(_ inverseMass: [Double]) -> Double {
    var kinetic = 0.0
    for i in momentum.indices { kinetic += 0.5 * inverseMass[i] * momentum[i] * momentum[i] }
    let energy = kinetic - logDensity
    return energy.isNaN ? .infinity : energy
  }
}

/// A stretch of a Hamiltonian trajectory: its two ends, the point chosen from it with probability
/// proportional to exp(−H), and the sums that tell whether it turns back.
struct HamiltonianTree: Sendable {
  var backward: PhasePoint
  var forward: PhasePoint
  var choice: PhasePoint
  /// log Σ exp(H₀ − H) over the stretch's points.
  var logWeight: Double
  /// Σ p over the stretch's points.
  var momentumSum: [Double]

  init(_ point: PhasePoint, logWeight: Double) {
    backward = point
    forward = point
    choice = point
    self.logWeight = logWeight
    momentumSum = point.momentum
  }

  /// Two stretches, `b` following `a`; the choice is still to be made.
  init(_ a: HamiltonianTree, _ b: HamiltonianTree) {
    backward = a.backward
    forward = b.forward
    choice = a.choice
    logWeight = logOfSum(a.logWeight, b.logWeight)
    momentumSum = zip(a.momentumSum, b.momentumSum).map { $0 + $1 }
  }

  /// Whether `b` following `a` makes a U-turn: the momentum summed over the whole, or over one part
  /// and the nearest point of the other, points against the velocity at one of its ends
  /// (Betancourt, "A Conceptual Introduction to Hamiltonian Monte Carlo", 2017, appendix A.4.2; the
  /// checks between the parts keep the whole from jumping over half a period).
  static func turns(_ a: HamiltonianTree, _ b: HamiltonianTree, _ inverseMass: [Double]) -> Bool {
    func turns(_ sum: [Double], _ first: PhasePoint, _ last: PhasePoint) -> Bool {
      dot(sum, first.velocity(inverseMass)) <= 0 || dot(sum, last.velocity(inverseMass)) <= 0
    }
    let both = zip(a.momentumSum, b.momentumSum).map { $0 + $1 }
    let left = zip(a.momentumSum, b.backward.momentum).map { $0 + $1 }
    let right = zip(b.momentumSum, a.forward.momentum).map { $0 + $1 }
    return turns(both, a.backward, b.forward) || turns(left, a.backward, b.backward)
      || turns(right, a.forward, b.forward)
  }
}

/// log(eᵃ + eᵇ) without overflow.
func logOfSum(_ a: Double, _ b: Double) -> Double {
  let largest = max(a, b)
  return largest == -.infinity ? largest : largest + log1p(exp(min(a, b) - largest))
}

func dot(_ a: [Double], _ b: [Double]) -> Double {
  var sum = 0.0
  for i in a.indices { sum += a[i] * b[i] }
  return sum
}

/// Which half of a dual number: a quantity, or its derivative along the direction.
enum Lane { case value, tangent }

/// Both halves of the nodes' gradients.
struct Lanes {
  var value: [Memory?]
  var tangent: [Memory?]

  subscript(lane: Lane) -> [Memory?] {
    get { lane == .value ? value : tangent }
    set { if lane == .value { value = newValue } else { tangent = newValue } }
  }
}

/// How gradients go back through one node while a plan is drawn up.
enum BackwardRule {
  case gradient((inout PlanBuilder, Memory) throws -> Void)
  case linear((inout PlanBuilder, Memory, Lane) throws -> Void)
  case both((inout PlanBuilder, Memory, Memory) throws -> Void)

  /// - Parameter tangent: the gradient's derivative, in plans of second order.
  func apply(_ plan: inout PlanBuilder, _ gradient: Memory, _ tangent: Memory?) throws {
    switch self {
    case .gradient(let rule): try rule(&plan, gradient)
    case .linear(let rule):
      try rule(&plan, gradient, .value)
      if let tangent { try rule(&plan, tangent, .tangent) }
    case .both(let rule): try rule(&plan, gradient, tangent!)
    }
  }
}

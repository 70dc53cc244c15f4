import COneDNN

/// The R-operator of a BatchNorm, and of the ReLU in the same pass (Pearlmutter 1994). With
/// s = √(variance + ε), x̂ = (x − mean)/s, V for the direction's part of a parameter, ⟨·⟩ for the
/// mean over N, H, W of one channel and n for their number:
///
///     R{x̂} = (R{x} − ⟨R{x}⟩ − x̂ R{s}) / s,  R{s} = ⟨x̂ R{x}⟩;  R{y} = V_γ x̂ + γ R{x̂} + V_β
///
/// and backward with u = γ ḡ, R{u} = V_γ ḡ + γ R{ḡ}:
///
///     ḡ_x = (u − ⟨u⟩ − x̂ ⟨u x̂⟩) / s
///     R{ḡ_x} = (R{u} − ⟨R{u}⟩ − R{x̂}⟨u x̂⟩ − x̂ (⟨R{u} x̂⟩ + ⟨u R{x̂}⟩)) / s − ḡ_x R{s} / s
///     R{γ̄} = Σ R{ḡ} x̂ + ḡ R{x̂},  R{β̄} = Σ R{ḡ}.
///
/// With running statistics s and mean are constants: R{s} and all means are zero. Everything is a
/// combination of x̂, R{x}, ḡ, R{ḡ} and 1 whose coefficients depend on the channel, so each direction
/// takes one pass for sums (in Double) and one that combines.
@safe
final class NormTangent {
  private let grid: Grid
  private let ownStatistics: Bool
  private let epsilon: Double
  private let x: Memory
  /// The ReLU's result.
  private let mask: Memory?
  private let mean: Memory
  private let variance: Memory
  private let vectors: FlatVectors
  private let scale: Int
  private let shift: Int
  private let statistics: (mean: Int, variance: Int)

  /// mean, 1/s and up to eight coefficients of each channel, one list after the other.
  private var coefficients: [Float]
  private var sums: [Double]
  private var inverse: [Double]
  /// ⟨R{x}⟩ and R{s}.
  private var movedMean: [Double]
  private var movedDeviation: [Double]

  init(
    grid: Grid, ownStatistics: Bool, epsilon: Double, x: Memory, mask: Memory?, mean: Memory,
    variance: Memory, node: Int, _ plan: PlanBuilder
  ) {
    self.grid = grid
    self.ownStatistics = ownStatistics
    self.epsilon = epsilon
    self.x = x
    self.mask = mask
    self.mean = mean
    self.variance = variance
    vectors = plan.vectors
    scale = plan.offset(node, "weight")
    shift = plan.offset(node, "bias")
    let name = plan.network.nodes[node].layer.name
    statistics = (
      plan.network.bufferLayout["\(name).running_mean"]!.range.lowerBound,
      plan.network.bufferLayout["\(name).running_var"]!.range.lowerBound
    )
    coefficients = Array(repeating: 0, count: 10 * grid.padded)
    sums = Array(repeating: 0, count: 5 * Int(ODNN_CHUNKS) * grid.padded)
    inverse = Array(repeating: 0, count: grid.channels)
    movedMean = inverse
    movedDeviation = inverse
  }

  /// R{y} from R{x}; nil is zero.
  func forward(_ tangent: Memory?, _ plan: inout PlanBuilder) throws -> Memory {
    let rx = try tangent.map { try plan.reordered($0, x.layout, in: .tangent) }
    let result = try plan.newMemory(x.layout)
    plan.append(.custom { self.runForward(rx, result) }, to: .tangent)
    if let rx, rx !== tangent { plan.pool.give(rx.buffer!) }
    return result
  }

  /// ḡ_x and R{ḡ_x}; the flat gradient receives R{γ̄} and R{β̄}.
  func backward(
    _ tangent: Memory?, _ gradient: Memory, _ second: Memory, _ plan: inout PlanBuilder
  ) throws -> (Memory, Memory) {
    let rx = try tangent.map { try plan.reordered($0, x.layout, in: .backward) }
    let g = try plan.reordered(gradient, x.layout, in: .backward)
    let rg = try plan.reordered(second, x.layout, in: .backward)
    let dx = try plan.newMemory(x.layout)
    let rdx = try plan.newMemory(x.layout)
    plan.append(.custom { self.runBackward(rx, g, rg, dx, rdx) }, to: .backward)
    if let rx, rx !== tangent { plan.pool.give(rx.buffer!) }
    if g !== gradient { plan.pool.give(g.buffer!) }
    if rg !== second { plan.pool.give(rg.buffer!) }
    return (dx, rdx)
  }

  private func runForward(_ rx: Memory?, _ result: Memory) {
    var tensors = unsafe odnn_norm_tensors()
    unsafe tensors.x = read(x)
    unsafe tensors.rx = rx.map { unsafe read($0) }
    unsafe tensors.y = mask.map { unsafe read($0) }
    unsafe tensors.out = write(result)
    setStatistics()
    let learnsMeans = ownStatistics && rx != nil
    if learnsMeans { unsafe reduce(tensors, odnn_norm_forward_sums) }
    let (weights, direction) = unsafe (vectors.weights!, vectors.direction!)
    let n = Double(grid.perChannel)
    for c in 0..<grid.channels {
      let scale = unsafe (Double(weights[self.scale + c]), Double(direction[self.scale + c]))
      let shift = unsafe Double(direction[self.shift + c])
      movedMean[c] = learnsMeans ? sums[c] / n : 0
      movedDeviation[c] = learnsMeans ? sums[grid.padded + c] / n : 0
      let factor = scale.0 * inverse[c]
      set(2, c, scale.1 - factor * movedDeviation[c])
      set(3, c, factor)
      set(4, c, shift - factor * movedMean[c])
    }
    unsafe combine(tensors, odnn_norm_forward)
  }

  private func runBackward(_ rx: Memory?, _ g: Memory, _ rg: Memory, _ dx: Memory, _ rdx: Memory) {
    var tensors = unsafe odnn_norm_tensors()
    unsafe tensors.x = read(x)
    unsafe tensors.rx = rx.map { unsafe read($0) }
    unsafe tensors.y = mask.map { unsafe read($0) }
    unsafe tensors.g = read(g)
    unsafe tensors.rg = read(rg)
    unsafe tensors.dx = write(dx)
    unsafe tensors.rdx = write(rdx)
    unsafe reduce(tensors, odnn_norm_backward_sums)
    let (weights, direction) = unsafe (vectors.weights!, vectors.direction!)
    let n = Double(grid.perChannel)
    for c in 0..<grid.channels {
      let scale = unsafe (Double(weights[self.scale + c]), Double(direction[self.scale + c]))
      // Σ ḡ, Σ ḡ x̂, Σ R{ḡ}, Σ R{ḡ} x̂, Σ ḡ R{x̂}
      let s = (0..<5).map { sums[$0 * grid.padded + c] }
      let moved = (s[4] - movedMean[c] * s[0] - movedDeviation[c] * s[1]) * inverse[c]
      unsafe vectors.gradient![self.scale + c] = Float(s[3] + moved)
      unsafe vectors.gradient![self.shift + c] = Float(s[2])
      let factor = scale.0 * inverse[c]
      set(2, c, factor)
      set(5, c, scale.1 * inverse[c] - factor * movedDeviation[c] * inverse[c])
      set(6, c, factor)
      guard ownStatistics else {
        for k in [3, 4, 7, 8, 9] { set(k, c, 0) }
        continue
      }
      let u = (mean: scale.0 * s[0] / n, hat: scale.0 * s[1] / n)
      let ru = (
        mean: (scale.1 * s[0] + scale.0 * s[2]) / n,
        hat: (scale.1 * s[1] + scale.0 * s[3] + scale.0 * moved) / n
      )
      let shrink = movedDeviation[c] * inverse[c]
      let (onHat, constant) = (-u.hat * inverse[c], -u.mean * inverse[c])
      set(3, c, onHat)
      set(4, c, constant)
      set(7, c, (u.hat * shrink - ru.hat) * inverse[c] - onHat * shrink)
      set(8, c, -u.hat * inverse[c] * inverse[c])
      set(9, c, (u.hat * movedMean[c] * inverse[c] - ru.mean) * inverse[c] - constant * shrink)
    }
    unsafe combine(tensors, odnn_norm_backward)
  }

  private func setStatistics() {
    let means: UnsafePointer<Float>
    let variances: UnsafePointer<Float>
    if ownStatistics {
      unsafe means = read(mean)
      unsafe variances = read(variance)
    } else {
      unsafe means = vectors.statistics! + statistics.mean
      unsafe variances = vectors.statistics! + statistics.variance
    }
    for c in 0..<grid.channels {
      inverse[c] = unsafe 1 / (Double(variances[c]) + epsilon).squareRoot()
      unsafe coefficients[c] = means[c]
      set(1, c, inverse[c])
    }
  }

  private func set(_ list: Int, _ c: Int, _ value: Double) {
    coefficients[list * grid.padded + c] = Float(value)
  }

  private typealias Tensors = UnsafePointer<odnn_norm_tensors>

  @unsafe private func reduce(
    _ tensors: odnn_norm_tensors,
    _ body: (UnsafePointer<odnn_grid>, Tensors, UnsafePointer<Float>, UnsafeMutablePointer<Double>)
      -> Void
  ) {
    var (c, tensors) = unsafe (grid.c, tensors)
    unsafe body(&c, &tensors, coefficients, &sums)
  }

  @unsafe private func combine(
    _ tensors: odnn_norm_tensors,
    _ body: (UnsafePointer<odnn_grid>, Tensors, UnsafePointer<Float>) -> Void
  ) {
    var (c, tensors) = unsafe (grid.c, tensors)
    unsafe body(&c, &tensors, coefficients)
  }

  @unsafe private func read(_ memory: Memory) -> UnsafePointer<Float> {
    unsafe UnsafePointer(write(memory))
  }

  @unsafe private func write(_ memory: Memory) -> UnsafeMutablePointer<Float> {
    unsafe memory.buffer!.floats(memory.layout.byteCount / 4).baseAddress!
  }
}

import COneDNN

#if canImport(Glibc)
  import Glibc
#endif

extension Layer.Kind {
  /// (m, r) → (m, softplus(r) + softplus(var)): mean and variance of a Gaussian, one learned
  /// scalar `var` shared by all examples.
  public static let gaussian = Self(word: "gaussian")
}

/// (m, r) → (m, softplus(r) + softplus(var)): the heteroscedastic head of subspace inference's
/// regression networks. 2·D numbers per example, so plain loops serve.
struct GaussianHead: LayerType {
  static let kind = Layer.Kind.gaussian
  let outputShape: [Int]
  var parameters: [LayerTensor] { [LayerTensor("var", [1], .other, .constant(0))] }

  init(_ layer: Layer, inputs: [[Int]]) throws {
    outputShape = try layer.onlyInput(inputs)
    guard outputShape.count == 1, outputShape[0] % 2 == 0 else {
      throw layer.error(
        "reads a mean and a raw variance per target, but its input has shape \(outputShape)")
    }
  }

  func forward(_ i: Int, in plan: inout PlanBuilder) throws {
    let input = plan.network.nodes[i].inputs[0]
    let source = try plan.readable(plan.value(input))
    let width = outputShape[0] / 2
    let count = plan.batchSize * outputShape[0]
    let result = try plan.newMemory(source.layout)
    let noise = plan.offset(i, "var")
    let vectors = plan.vectors
    plan.forward.append(
      .custom {
        let x = unsafe source.buffer!.floats(count)
        let y = unsafe result.buffer!.floats(count)
        let shared = unsafe softplus(Double(vectors.weights![noise]))
        for k in 0..<count {
          let isMean = k % (2 * width) < width
          unsafe y[k] = isMean ? x[k] : Float(softplus(Double(x[k])) + shared)
        }
      })
    plan.setValue(i, result)
    plan.onBackward(i) { b, gradient in
      let dx = try b.newMemory(source.layout)
      b.backward.append(
        .custom {
          let x = unsafe source.buffer!.floats(count)
          let g = unsafe gradient.buffer!.floats(count)
          let d = unsafe dx.buffer!.floats(count)
          var total = 0.0
          for k in 0..<count {
            if k % (2 * width) < width {
              unsafe d[k] = g[k]
            } else {
              unsafe total += Double(g[k])
              unsafe d[k] = Float(Double(g[k]) * logistic(Double(x[k])))
            }
          }
          unsafe vectors.gradient![noise] = Float(
            total * logistic(Double(vectors.weights![noise])))
        })
      guard b.needsGradient[input] else { return b.pool.give(dx.buffer!) }
      try b.contribute(input, dx)
    }
    plan.onTangent(i) { b in
      let tangent = b.tangent(input)
      let target = try b.newMemory(source.layout)
      b.append(
        .custom {
          let x = unsafe source.buffer!.floats(count)
          let r = unsafe tangent?.buffer!.floats(count)
          let t = unsafe target.buffer!.floats(count)
          let slope = unsafe logistic(Double(vectors.weights![noise]))
          let shared = unsafe slope * Double(vectors.direction![noise])
          for k in 0..<count {
            let moved = unsafe r.map { unsafe Double($0[k]) } ?? 0
            let isMean = k % (2 * width) < width
            unsafe t[k] = Float(isMean ? moved : logistic(Double(x[k])) * moved + shared)
          }
        }, to: .tangent)
      b.setTangent(i, target)
    }
    plan.onSecondOrder(i) { b, gradient, second in
      let tangent = b.tangent(input)
      let dx = try b.newMemory(source.layout)
      let rdx = try b.newMemory(source.layout)
      b.append(
        .custom {
          let x = unsafe source.buffer!.floats(count)
          let r = unsafe tangent?.buffer!.floats(count)
          let g = unsafe gradient.buffer!.floats(count)
          let rg = unsafe second.buffer!.floats(count)
          let d = unsafe dx.buffer!.floats(count)
          let rd = unsafe rdx.buffer!.floats(count)
          var (total, moved) = (0.0, 0.0)
          for k in 0..<count {
            if k % (2 * width) < width {
              unsafe d[k] = g[k]
              unsafe rd[k] = rg[k]
            } else {
              let s = unsafe logistic(Double(x[k]))
              let curved = unsafe s * (1 - s) * (r.map { unsafe Double($0[k]) } ?? 0)
              unsafe total += Double(g[k])
              unsafe moved += Double(rg[k])
              unsafe d[k] = Float(Double(g[k]) * s)
              unsafe rd[k] = Float(Double(rg[k]) * s + Double(g[k]) * curved)
            }
          }
          let s = unsafe logistic(Double(vectors.weights![noise]))
          unsafe vectors.gradient![noise] = Float(
            moved * s + total * s * (1 - s) * Double(vectors.direction![noise]))
        }, to: .backward)
      guard b.needsGradient[input] else {
        for memory in [dx, rdx] { b.pool.give(memory.buffer!) }
        return
      }
      try b.contribute(input, dx)
      try b.contribute(input, rdx, .tangent)
    }
  }
}

extension Network {
  /// Whether the output is a mean and a variance per target.
  public var predictsVariance: Bool { nodes[nodes.count - 1].type is GaussianHead }
}

/// log(1 + eˣ) without overflow.
private func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

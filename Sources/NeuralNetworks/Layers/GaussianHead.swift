import COneDNN

#if canImport(Glibc)
  import Glibc
#endif

/// (m, r) → (m, softplus(r) + softplus(var)): the heteroscedastic head of subspace inference's
/// regression networks. 2·D numbers per example, so plain loops serve.
extension PlanBuilder {
  mutating func gaussian(_ i: Int) throws {
    let node = network.nodes[i]
    let input = node.inputs[0]
    let source = value(input)
    let width = node.shape[0] / 2
    let count = batchSize * node.shape[0]
    let result = try newMemory(source.layout)
    let noise = network.parameterLayout["\(node.layer.name).var"]!.range.lowerBound
    let vectors = vectors
    forward.append(
      .custom {
        let x = unsafe source.buffer!.floats(count)
        let y = unsafe result.buffer!.floats(count)
        let shared = unsafe softplus(Double(vectors.weights![noise]))
        for k in 0..<count {
          let isMean = k % (2 * width) < width
          unsafe y[k] = isMean ? x[k] : Float(softplus(Double(x[k])) + shared)
        }
      })
    setValue(i, result)
    onBackward(i) { b, gradient in
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
      try b.contribute(input, dx)
    }
  }
}

/// log(1 + eˣ) without overflow.
private func softplus(_ x: Double) -> Double { max(x, 0) + log1p(exp(-abs(x))) }

private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

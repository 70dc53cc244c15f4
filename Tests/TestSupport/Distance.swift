/// The largest |aᵢ − bᵢ| relative to the largest |bᵢ|; infinite where they are not equally many.
public func relativeError<A: BinaryFloatingPoint, B: BinaryFloatingPoint>(
  _ a: some Sequence<A>, _ b: some Sequence<B>
) -> Double {
  let (a, b) = (a.map { Double($0) }, b.map { Double($0) })
  guard a.count == b.count else { return .infinity }
  let scale = b.map { abs($0) }.max() ?? 0
  // A maximum would pass over what is not a number.
  var error = 0.0
  for (x, y) in zip(a, b) where !(abs(x - y) <= error) { error = abs(x - y) }
  return error / max(scale, .leastNormalMagnitude)
}

/// ‖a − b‖ relative to ‖b‖; infinite where they are not equally many.
public func relativeNorm<A: BinaryFloatingPoint, B: BinaryFloatingPoint>(
  _ a: some Sequence<A>, _ b: some Sequence<B>
) -> Double {
  let (a, b) = (a.map { Double($0) }, b.map { Double($0) })
  guard a.count == b.count else { return .infinity }
  var error = 0.0
  var norm = 0.0
  for (x, y) in zip(a, b) {
    error += (x - y) * (x - y)
    norm += y * y
  }
  return (error / max(norm, .leastNormalMagnitude)).squareRoot()
}

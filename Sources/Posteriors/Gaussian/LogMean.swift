import Glibc

/// log (Σ exp xᵢ / n) of n numbers, without overflow: −∞ where all are −∞, NaN where one is.
public func logMean(_ logarithms: [Double]) -> Double {
  guard let largest = logarithms.max(), largest > -.infinity else { return -.infinity }
  let sum = logarithms.reduce(0.0) { $0 + Glibc.exp($1 - largest) }
  return largest + Glibc.log(sum / Double(logarithms.count))
}

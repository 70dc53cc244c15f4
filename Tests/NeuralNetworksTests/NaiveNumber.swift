import Glibc

/// What the naive twin calculates with.
protocol NaiveNumber: Comparable, SignedNumeric {
  init(_ value: Double)
  static func / (a: Self, b: Self) -> Self
  var exponential: Self { get }
  var logarithm: Self { get }
  var squareRoot: Self { get }
}

extension NaiveNumber {
  static func /= (a: inout Self, b: Self) { a = a / b }
  var sigmoid: Self { 1 / (1 + (-self).exponential) }
  var tanh: Self { 2 * (2 * self).sigmoid - 1 }
  var softplus: Self { (1 + exponential).logarithm }
}

extension Double: NaiveNumber {
  var exponential: Double { exp(self) }
  var logarithm: Double { log(self) }
  var squareRoot: Double { self.squareRoot() }
}

/// a + b ε₁ + c ε₂ + d ε₁ε₂ with ε₁² = ε₂² = 0: f(x + u ε₁ + v ε₂) has f(x), ∇fᵀu, ∇fᵀv and
/// uᵀ∇²f v as its parts, exactly (Fike & Alonso, "The development of hyper-dual numbers for exact
/// second-derivative calculations", 2011). Comparisons look at the value alone, so kinks count as
/// automatic differentiation has them.
struct HyperDual: NaiveNumber {
  var value: Double
  var first: Double
  var second: Double
  var mixed: Double

  init(_ value: Double) { self.init(value, 0, 0, 0) }
  init(integerLiteral value: Int) { self.init(Double(value)) }
  init?(exactly source: some BinaryInteger) { self.init(Double(source)) }
  init(_ value: Double, _ first: Double, _ second: Double, _ mixed: Double = 0) {
    (self.value, self.first, self.second, self.mixed) = (value, first, second, mixed)
  }

  /// f of it, from f, f′ and f″ at the value.
  private func map(_ f: Double, _ d: Double, _ dd: Double) -> HyperDual {
    HyperDual(f, d * first, d * second, d * mixed + dd * first * second)
  }

  static func < (a: HyperDual, b: HyperDual) -> Bool { a.value < b.value }
  static func == (a: HyperDual, b: HyperDual) -> Bool { a.value == b.value }
  static func + (a: HyperDual, b: HyperDual) -> HyperDual {
    HyperDual(a.value + b.value, a.first + b.first, a.second + b.second, a.mixed + b.mixed)
  }
  static func - (a: HyperDual, b: HyperDual) -> HyperDual {
    HyperDual(a.value - b.value, a.first - b.first, a.second - b.second, a.mixed - b.mixed)
  }
  static func * (a: HyperDual, b: HyperDual) -> HyperDual {
    HyperDual(
      a.value * b.value, a.value * b.first + a.first * b.value,
      a.value * b.second + a.second * b.value,
      a.value * b.mixed + a.mixed * b.value + a.first * b.second + a.second * b.first)
  }
  static func *= (a: inout HyperDual, b: HyperDual) { a = a * b }
  static func / (a: HyperDual, b: HyperDual) -> HyperDual {
    let x = b.value
    return a * b.map(1 / x, -1 / (x * x), 2 / (x * x * x))
  }
  var magnitude: HyperDual { value < 0 ? -self : self }
  var exponential: HyperDual { map(exp(value), exp(value), exp(value)) }
  var logarithm: HyperDual { map(log(value), 1 / value, -1 / (value * value)) }
  var squareRoot: HyperDual {
    let root = value.squareRoot()
    return map(root, 0.5 / root, -0.25 / (root * value))
  }
}

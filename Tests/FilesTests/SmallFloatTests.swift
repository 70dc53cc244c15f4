import Glibc
import Testing

@testable import Files

/// The two-byte float types against their definition, number by number.
@Suite struct SmallFloatTests {
  /// ± mantissa · 2^(exponent − bias), by the definition; nil for infinities and NaN.
  private func value(_ bits: Int, mantissaBits: Int, bias: Int) -> Double? {
    let mantissa = bits & (1 << mantissaBits - 1)
    let exponentBits = 15 - mantissaBits
    let exponent = bits >> mantissaBits & (1 << exponentBits - 1)
    if exponent == 1 << exponentBits - 1 { return nil }
    let whole = exponent == 0 ? mantissa : mantissa + 1 << mantissaBits
    let magnitude = scalbn(Double(whole), Int32(max(exponent, 1) - bias - mantissaBits))
    return bits & 0x8000 == 0 ? magnitude : -magnitude
  }

  private typealias Format = (
    mantissaBits: Int, bias: Int, widen: (UInt16) -> Float, narrow: (Double) -> UInt16
  )
  private let formats: [Format] = [
    (10, 15, { HalfPrecision.number($0) }, { HalfPrecision.bits(of: $0) }),
    (7, 127, { BrainFloat.number($0) }, { BrainFloat.bits(of: $0) }),
  ]

  @Test func everyNumberBothWays() {
    for format in formats {
      for bits in 0..<0x10000 {
        let wide = format.widen(UInt16(bits))
        guard let expected = value(bits, mantissaBits: format.mantissaBits, bias: format.bias)
        else {
          let isNaN = bits & (1 << format.mantissaBits - 1) != 0
          #expect(isNaN ? wide.isNaN : wide.isInfinite && (wide < 0) == (bits & 0x8000 != 0))
          continue
        }
        guard Double(wide) == expected, wide.sign == expected.sign,
          format.narrow(expected) == UInt16(bits)
        else {
          Issue.record("bits \(bits): \(wide), not \(expected)")
          return
        }
      }
    }
  }

  /// Between each number and the next: the middle goes to the even one, all else to the nearer, be
  /// it ever so close to the middle. The middle of two numbers and its neighbours are Doubles.
  @Test func roundingBetweenNumbers() {
    for format in formats {
      for bits in 0..<0x7fff {
        guard let low = value(bits, mantissaBits: format.mantissaBits, bias: format.bias),
          let high = value(bits + 1, mantissaBits: format.mantissaBits, bias: format.bias)
        else { continue }
        let middle = (low + high) / 2
        let even = bits % 2 == 0 ? bits : bits + 1
        let cases = [(middle, even), (middle.nextDown, bits), (middle.nextUp, bits + 1)]
        for (number, expected) in cases {
          guard Int(format.narrow(number)) == expected,
            Int(format.narrow(-number)) == expected | 0x8000
          else {
            Issue.record("\(number) becomes \(format.narrow(number)), not \(expected)")
            return
          }
        }
      }
    }
  }

  /// The loop over many numbers against the definition of one: every bfloat16 and every middle of two
  /// with the Doubles and Floats around it, both signs, and numbers of all magnitudes.
  @Test func manyAtOnce() {
    var numbers: [Double] = [
      0, -0.0, .infinity, -.infinity, .nan, -.nan, 1e300, -1e300, .leastNonzeroMagnitude,
    ]
    for bits in 0..<0x8000 as Range<UInt32> {
      for half in [0, 0x8000] as [UInt32] {
        let float = Float(bitPattern: bits << 16 | half)
        for number in [float.nextDown, float, float.nextUp].map({ Double($0) }) {
          for near in [number.nextDown, number, number.nextUp] { numbers += [near, -near] }
        }
      }
    }
    var state: UInt64 = 1
    for _ in 0..<1_000_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let mantissa = Double(
        sign: .plus, exponent: 0, significand: 1 + Double(state >> 12) * 0x1p-52)
      numbers.append(scalbn(mantissa, Int32(state >> 7 % 300) - 160))
    }
    var bits = [UInt16](repeating: 0, count: numbers.count)
    let wrong = numbers.withUnsafeBufferPointer { numbers in
      bits.withUnsafeMutableBytes { narrow(numbers, .bfloat16, into: $0) }
    }
    #expect(wrong == 2)
    #expect(numbers.indices.first { bits[$0] != BrainFloat.bits(of: numbers[$0]) } == nil)
    let finite = (0..<1000).map { Double($0) }
    bits.withUnsafeMutableBytes { bytes in
      finite.withUnsafeBufferPointer { #expect(narrow($0, .bfloat16, into: bytes) == nil) }
    }
  }

  @Test func beyondTheLargest() {
    // Half a step above the largest finite number and more is an infinity.
    #expect(HalfPrecision.bits(of: 65_520) == 0x7c00)
    #expect(HalfPrecision.bits(of: (65_520.0).nextDown) == 0x7bff)
    #expect(HalfPrecision.bits(of: 1e300) == 0x7c00)
    #expect(BrainFloat.bits(of: 0x1.ffp127) == 0x7f80)
    #expect(BrainFloat.bits(of: (0x1.ffp127).nextDown) == 0x7f7f)
    #expect(BrainFloat.bits(of: -1e300) == 0xff80)
    #expect(HalfPrecision.number(HalfPrecision.bits(of: .nan)).isNaN)
    #expect(BrainFloat.number(BrainFloat.bits(of: .nan)).isNaN)
  }
}

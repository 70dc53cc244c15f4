// The two-byte float types. Without branches, so that loops over them are compiled for several
// elements at a time.

/// IEEE half precision, 1-5-10.
public enum HalfPrecision {
  /// The number with those bits; subnormals, infinities and NaN included. Exact.
  @inlinable public static func number(_ bits: UInt16) -> Float {
    let magnitude = UInt32(bits & 0x7fff) << 13
    // The exponent's bias grows from 15 to 127; that of infinities and NaN becomes the largest.
    let scaled = (Float(bitPattern: magnitude) * 0x1p112).bitPattern
    let special: UInt32 = magnitude >= 0x0f80_0000 ? 0x7f80_0000 : 0
    return Float(bitPattern: scaled | special | UInt32(bits & 0x8000) << 16)
  }

  /// The bits of the number nearest to `value`, ties to even; beyond 65504 and half a step those of
  /// an infinity.
  @inlinable public static func bits(of value: Double) -> UInt16 {
    let odd = roundedToOdd(value)
    let sign = UInt16(truncatingIfNeeded: odd.bitPattern >> 16) & 0x8000
    let magnitude = odd.bitPattern & 0x7fff_ffff
    // Half of the last place is added, less one unit where the last place is even.
    let rounded = (magnitude &+ 0xfff &+ (magnitude >> 13 & 1) &- 112 << 23) >> 13
    // Below 2⁻¹⁴: multiples of 2⁻²⁴, which is the last place of numbers from ½ to 1.
    let small = (Float(bitPattern: magnitude) + 0.5).bitPattern &- 0x3f00_0000
    var bits = magnitude < 0x3880_0000 ? small : rounded
    if magnitude >= 0x477f_f000 { bits = 0x7c00 }
    if magnitude > 0x7f80_0000 { bits = 0x7e00 }
    return sign | UInt16(truncatingIfNeeded: bits)
  }
}

/// bfloat16, 1-8-7: the upper half of a float32.
public enum BrainFloat {
  /// The number with those bits. Exact.
  @inlinable public static func number(_ bits: UInt16) -> Float {
    Float(bitPattern: UInt32(bits) << 16)
  }

  /// The bits of the number nearest to `value`, ties to even.
  @inlinable public static func bits(of value: Double) -> UInt16 {
    let odd = roundedToOdd(value)
    let rounded = (odd.bitPattern &+ 0x7fff &+ (odd.bitPattern >> 16 & 1)) >> 16
    return UInt16(truncatingIfNeeded: odd.isNaN ? odd.bitPattern >> 16 | 0x40 : rounded)
  }
}

/// `value` where it is a Float, else of the two Floats around it that whose last bit is 1.
///
/// Rounded further to a type with at least two bits less, this gives what rounding the value itself
/// to that type gives (Boldo and Melquiond, Emulation of FMA and correctly rounded sums, 2008).
@inlinable func roundedToOdd(_ value: Double) -> Float {
  let nearest = Float(value)
  let isExact = Double(nearest) == value || value.isNaN
  let isAbove = Double(nearest.magnitude) > value.magnitude
  let truncated = nearest.bitPattern &- (isAbove ? 1 : 0)
  return Float(bitPattern: isExact ? nearest.bitPattern : truncated | 1)
}

// The two-byte float types. Without branches, so that loops over them are compiled for several
// elements at a time.
extension Float {
  /// The number with those bits of IEEE half precision (1-5-10); subnormals, infinities and NaN
  /// included. Exact.
  @inlinable public init(halfBits bits: UInt16) {
    let magnitude = UInt32(bits & 0x7fff) << 13
    // The exponent's bias grows from 15 to 127; that of infinities and NaN becomes the largest.
    let scaled = (Float(bitPattern: magnitude) * 0x1p112).bitPattern
    let special: UInt32 = magnitude >= 0x0f80_0000 ? 0x7f80_0000 : 0
    self.init(bitPattern: scaled | special | UInt32(bits & 0x8000) << 16)
  }

  /// The number with those bits of bfloat16 (1-8-7), the upper half of a float32. Exact.
  @inlinable public init(bfloat16Bits bits: UInt16) {
    self.init(bitPattern: UInt32(bits) << 16)
  }

  /// The nearest number whose last bit is 1 where the value is not a Float itself: rounding to odd.
  ///
  /// Rounded further to a type with at least two bits less, it gives what rounding the value itself
  /// to that type gives (Boldo and Melquiond, Emulation of FMA and correctly rounded sums, 2008).
  @inlinable public init(roundingToOdd value: Double) {
    let nearest = Float(value)
    let isExact = Double(nearest) == value || value.isNaN
    let isAbove = Double(nearest.magnitude) > value.magnitude
    let truncated = nearest.bitPattern &- (isAbove ? 1 : 0)
    self.init(bitPattern: isExact ? nearest.bitPattern : truncated | 1)
  }

  /// The bits of this number in half precision, rounded to nearest, ties to even; beyond 65504 and
  /// half a step an infinity.
  @inlinable public var halfBits: UInt16 {
    let sign = UInt16(truncatingIfNeeded: bitPattern >> 16) & 0x8000
    let magnitude = bitPattern & 0x7fff_ffff
    // Half of the last place is added, less one where the last place is even.
    let rounded = (magnitude &+ 0xfff &+ (magnitude >> 13 & 1) &- 112 << 23) >> 13
    // Below 2⁻¹⁴: multiples of 2⁻²⁴, which is the last place of numbers from ½ to 1.
    let small = (Float(bitPattern: magnitude) + 0.5).bitPattern &- 0x3f00_0000
    var bits = magnitude < 0x3880_0000 ? small : rounded
    if magnitude >= 0x477f_f000 { bits = 0x7c00 }
    if magnitude > 0x7f80_0000 { bits = 0x7e00 }
    return sign | UInt16(truncatingIfNeeded: bits)
  }

  /// The bits of this number in bfloat16, rounded to nearest, ties to even.
  @inlinable public var bfloat16Bits: UInt16 {
    let rounded = (bitPattern &+ 0x7fff &+ (bitPattern >> 16 & 1)) >> 16
    return UInt16(truncatingIfNeeded: isNaN ? bitPattern >> 16 | 0x40 : rounded)
  }
}

/// A counter-based random stream: variate n of stream s is a function of (seed, s, n).
///
/// Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3",
/// SC 2011). The key is the seed, the counter holds the stream and the block number, so any
/// position is reached in constant time and streams never overlap.
public struct RandomStream: RandomNumberGenerator, Sendable {
  public let seed: UInt64
  let stream: UInt64
  /// The next block of four 32-bit words.
  public private(set) var block: UInt64 = 0
  private var words: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
  private var used = 4

  public init(seed: UInt64, stream: StreamNumber) {
    self.init(seed: seed, stream: stream.value)
  }

  init(seed: UInt64, stream: UInt64) {
    self.seed = seed
    self.stream = stream
  }

  /// Block `counter` of the stream: four independent uniform 32-bit words.
  public static func philox(seed: UInt64, stream: StreamNumber, counter: UInt64)
    -> (UInt32, UInt32, UInt32, UInt32)
  { philox(seed: seed, stream: stream.value, counter: counter) }

  static func philox(seed: UInt64, stream: UInt64, counter: UInt64)
    -> (UInt32, UInt32, UInt32, UInt32)
  {
    var c0 = UInt32(truncatingIfNeeded: counter)
    var c1 = UInt32(truncatingIfNeeded: counter >> 32)
    var c2 = UInt32(truncatingIfNeeded: stream)
    var c3 = UInt32(truncatingIfNeeded: stream >> 32)
    var k0 = UInt32(truncatingIfNeeded: seed)
    var k1 = UInt32(truncatingIfNeeded: seed >> 32)
    for _ in 0..<10 {
      let p0 = UInt64(0xD251_1F53) * UInt64(c0)
      let p1 = UInt64(0xCD9E_8D57) * UInt64(c2)
      let n0 = UInt32(truncatingIfNeeded: p1 >> 32) ^ c1 ^ k0
      let n2 = UInt32(truncatingIfNeeded: p0 >> 32) ^ c3 ^ k1
      c1 = UInt32(truncatingIfNeeded: p1)
      c3 = UInt32(truncatingIfNeeded: p0)
      c0 = n0
      c2 = n2
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return (c0, c1, c2, c3)
  }

  /// The next 32 random bits.
  public mutating func nextWord() -> UInt32 {
    if used == 4 {
      words = Self.philox(seed: seed, stream: stream, counter: block)
      block += 1
      used = 0
    }
    defer { used += 1 }
    switch used {
    case 0: return words.0
    case 1: return words.1
    case 2: return words.2
    default: return words.3
    }
  }

  public mutating func next() -> UInt64 {
    let low = UInt64(nextWord())
    return low | UInt64(nextWord()) << 32
  }

  /// Uniform on [0, 1), a multiple of 2⁻²⁴.
  public mutating func uniform() -> Float { Float(nextWord() >> 8) * 0x1p-24 }

  /// Uniform on 0..<bound, without bias (Lemire's multiplication with rejection).
  public mutating func uniform(below bound: UInt32) -> UInt32 {
    precondition(bound > 0)
    var product = UInt64(nextWord()) * UInt64(bound)
    if UInt32(truncatingIfNeeded: product) < bound {
      let threshold = (0 &- bound) % bound
      while UInt32(truncatingIfNeeded: product) < threshold {
        product = UInt64(nextWord()) * UInt64(bound)
      }
    }
    return UInt32(truncatingIfNeeded: product >> 32)
  }
}

/// Random numbers from a seed, the same on every machine: SplitMix64 (Steele, Lea and Flood, "Fast
/// splittable pseudorandom number generators", OOPSLA 2014).
struct Chance: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// For one attempt of many, whatever the others draw.
  init(seed: UInt64, attempt: Int, of name: String) {
    self.init(seed: seed)
    for byte in name.utf8 { state = (next() ^ UInt64(byte)) &+ UInt64(attempt) }
  }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<max(1, bound), using: &self) }

  mutating func pick<T>(_ values: [T]) -> T { values[below(values.count)] }
}

import Foundation

/// Arrays that are a function of their name, so that goldens need not keep them: element j is
/// 2 u − 1 with u = (mix(fnv(name) + salt · φ + j) >> 40) / 2²⁴, φ = 0x9E3779B97F4A7C15, with FNV-1a
/// of the name's bytes and the finaliser of SplitMix64, all modulo 2⁶⁴. Exact in Float.
///
/// The same in Python: `formula` in Tests/NeuralNetworksTests/Goldens/make-pytorch.py.
public enum Formula {
  /// `count` numbers in [−1, 1).
  public static func array(_ name: String, salt: Int, count: Int) -> [Double] {
    var start: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in name.utf8 { start = (start ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    start &+= UInt64(salt) &* golden
    return (0..<count).map { j in
      Double(mix(start &+ UInt64(j)) >> 40) / 8_388_608 - 1
    }
  }

  /// centre + spread · the array, rounded once to Float.
  public static func array(
    _ name: String, salt: Int, count: Int, centre: Double, spread: Double
  ) -> [Float] {
    array(name, salt: salt, count: count).map { Float(centre + spread * $0) }
  }

  /// Independent standard normal numbers, by Box and Muller's formula from pairs of the array.
  public static func normals(_ name: String, salt: Int, count: Int) -> [Double] {
    let u = array(name, salt: salt, count: 2 * count).map { 0.5 * ($0 + 1) }
    return (0..<count).map { i in
      (-2 * log(u[2 * i] + 0x1p-25)).squareRoot() * cos(2 * Double.pi * u[2 * i + 1])
    }
  }

  private static let golden: UInt64 = 0x9E37_79B9_7F4A_7C15

  private static func mix(_ state: UInt64) -> UInt64 {
    var z = state &+ golden
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

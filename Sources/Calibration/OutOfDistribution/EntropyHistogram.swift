import Glibc

/// Entropies counted in the bins of the published comparison (Maddox et al. 2019, code): 29 bins
/// between 30 edges at equal distances of their logarithms from 10⁻⁸ to 10^½ nats, each with its
/// lower edge, the last with its upper edge too.
public struct EntropyHistogram: Sendable, Equatable {
  public static let edges = (0..<30).map { pow(10, -8 + 8.5 * Double($0) / 29) }

  public private(set) var counts = [Int](repeating: 0, count: 29)
  /// How many lie outside all bins, such as those of saturated predictions; they count nowhere.
  public private(set) var dropped = 0

  public init(_ entropies: [Double]) {
    for entropy in entropies {
      let edges = Self.edges
      if let bin = (0..<29).last(where: { edges[$0] <= entropy }),
        entropy < edges[bin + 1] || bin == 28 && entropy == edges[29]
      {
        counts[bin] += 1
      } else {
        dropped += 1
      }
    }
  }

  /// KL(p‖q) + KL(q‖p) in nats, where p and q are the counts, 10⁻⁷ added to each, divided by their
  /// sums. An empty bin against a full one counts as much as the 10⁻⁷ makes it.
  public func symmetricDivergence(from other: EntropyHistogram) -> Double {
    let p = Self.shares(counts)
    let q = Self.shares(other.counts)
    return zip(p, q).reduce(0) { $0 + ($1.0 - $1.1) * log($1.0 / $1.1) }
  }

  private static func shares(_ counts: [Int]) -> [Double] {
    let total = Double(counts.reduce(0, +)) + 1e-7 * Double(counts.count)
    return counts.map { (Double($0) + 1e-7) / total }
  }
}

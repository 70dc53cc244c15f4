import Synchronization

/// Adds up lists of numbers that several threads find for consecutive parts of something, in the
/// parts' order, so that the sum has the same bits whoever finishes first.
///
/// Parts that come before their turn are kept until then: usually no more than there are threads.
public final class OrderedSum: Sendable {
  private struct State {
    var next = 0
    var waiting: [Int: [Double]] = [:]
    var total: [Double]
  }

  private let state: Mutex<State>

  /// Sums of `count` numbers, all zero.
  public init(count: Int) { state = Mutex(State(total: [Double](repeating: 0, count: count))) }

  /// Adds what was found for part `part`, counted from 0. Each part comes once.
  public func add(_ values: [Double], part: Int) {
    state.withLock { state in
      precondition(values.count == state.total.count, "\(state.total.count) numbers")
      state.waiting[part] = values
      while let values = state.waiting.removeValue(forKey: state.next) {
        for i in values.indices { state.total[i] += values[i] }
        state.next += 1
      }
    }
  }

  /// The sums over parts 0, 1, … as far as all of them have come.
  public var total: [Double] { state.withLock(\.total) }
}

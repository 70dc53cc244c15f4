import Synchronization

/// Folds parts that several threads find for consecutive pieces of something, in the pieces' order,
/// so that the result has the same bits whoever finishes first.
///
/// Parts that come before their turn are kept until then: usually no more than there are threads.
public final class OrderedFold<Part: Sendable, Total: Sendable>: Sendable {
  private struct State {
    var next = 0
    var waiting: [Int: Part] = [:]
    var total: Total
  }

  private let state: Mutex<State>
  private let fold: @Sendable (inout Total, Part) -> Void

  /// - Parameters:
  ///   - total: what is there before the first part.
  ///   - fold: takes the next part in.
  public init(_ total: consuming Total, _ fold: @escaping @Sendable (inout Total, Part) -> Void) {
    state = Mutex(State(total: total))
    self.fold = fold
  }

  /// Takes the part of piece `number`, counted from 0. Each part comes once.
  public func add(_ part: Part, number: Int) {
    state.withLock { state in
      state.waiting[number] = part
      while let part = state.waiting.removeValue(forKey: state.next) {
        fold(&state.total, part)
        state.next += 1
      }
    }
  }

  /// What pieces 0, 1, … came to, as far as all of them are there.
  public var total: Total { state.withLock { $0.total } }
}

import Files
import Glibc
import Synchronization

/// How far a long command is, on standard error: a bar with rate and time left on a terminal, now
/// and then a plain line otherwise, nothing when quiet. May be used from several threads.
public final class ProgressBar: Sendable {
  private struct State {
    var done = 0
    var lastShown = now()
    var hasShown = false
  }

  private let title: String
  private let unit: String
  private let total: Int
  private let isQuiet: Bool
  private let isTerminal = StandardError.isTerminal
  private let start = now()
  private let state = Mutex(State())

  /// - Parameters:
  ///   - title: what is being done, as in "averaging".
  ///   - total: how many steps there are in all.
  ///   - unit: what a step is called in the rate, as in "snapshots".
  public init(_ title: String, total: Int, unit: String, quiet: Bool) {
    self.title = title
    self.total = max(total, 1)
    self.unit = unit
    isQuiet = quiet
  }

  /// Shows that so many steps are done; `note` is put at the end of the line. Costs a clock reading
  /// unless a tenth of a second (ten seconds without a terminal) have passed since the last time.
  public func update(_ done: Int, note: String = "") {
    if isQuiet { return }
    state.withLock { state in
      state.done = done
      show(&state, note)
    }
  }

  /// Shows that so many more steps are done.
  public func advance(by steps: Int) {
    if isQuiet { return }
    state.withLock { state in
      state.done += steps
      show(&state, "")
    }
  }

  /// Takes the bar off the terminal. Call it before other output and at the end.
  public func clear() {
    state.withLock { state in
      if state.hasShown && isTerminal { StandardError.write("\r\u{1b}[K") }
      state.hasShown = false
    }
  }

  private func show(_ state: inout State, _ note: String) {
    let time = now()
    guard time - state.lastShown >= (isTerminal ? 0.1 : 10) else { return }
    state.lastShown = time
    state.hasShown = true
    let text = line(state.done, time, note)
    StandardError.write(isTerminal ? "\r\(text)\u{1b}[K" : text + "\n")
  }

  private func line(_ done: Int, _ time: Double, _ note: String) -> String {
    let fraction = min(1, Double(done) / Double(total))
    let elapsed = max(time - start, 1e-9)
    let rate = Double(done) / elapsed
    var parts = [title]
    if isTerminal {
      let filled = Int(fraction * 24)
      let bar = String(repeating: "━", count: filled)
      let rest = String(repeating: "─", count: 24 - filled)
      parts.append(Self.isColored ? "\u{1b}[36m\(bar)\u{1b}[2m\(rest)\u{1b}[0m" : bar + rest)
    }
    parts.append("\(Self.short(Double(done)))/\(Self.short(Double(total)))")
    parts.append("\(Self.short(rate)) \(unit)/s")
    if rate > 0 { parts.append(Self.clock(Double(total - done) / rate) + " left") }
    if !note.isEmpty { parts.append(note) }
    return parts.joined(separator: "  ")
  }

  /// Three digits and a unit: 1234567 → "1.23M"; whole numbers below 10 000 in full.
  static func short(_ number: Double) -> String {
    if number < 10_000 {
      return number == number.rounded() ? number.decimals(0) : number.significant(3)
    }
    let units = [(1e9, "G"), (1e6, "M"), (1e3, "k")]
    let (scale, unit) = units.first { number >= $0.0 } ?? (1, "")
    return (number / scale).significant(3) + unit
  }

  private static let isColored: Bool = {
    guard let value = unsafe getenv("NO_COLOR") else { return true }
    return unsafe value.pointee == 0
  }()

  /// 75 → "1:15", 3725 → "1:02:05".
  static func clock(_ seconds: Double) -> String {
    let total = Int(min(seconds.rounded(), 1e9))
    let pad = { (n: Int) in n < 10 ? "0\(n)" : "\(n)" }
    let (hours, minutes) = (total / 3600, total / 60 % 60)
    return hours > 0
      ? "\(hours):\(pad(minutes)):\(pad(total % 60))" : "\(minutes):\(pad(total % 60))"
  }
}

/// Seconds of a clock that only goes forward.
public func now() -> Double {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

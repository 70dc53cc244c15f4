import Synchronization

/// What a user should know of a result although nothing is wrong: which dictionary of a checkpoint was
/// taken, what was left out. Libraries say it here; whoever owns the process decides where it goes.
public enum Remarks {
  private static let listener = Mutex<(@Sendable (String) -> Void)?>(nil)

  /// Has each remark told to `listener`, a line without its end; nil for nobody.
  public static func tell(_ listener: (@Sendable (String) -> Void)?) {
    Self.listener.withLock { $0 = listener }
  }

  public static func add(_ line: String) {
    let listener = listener.withLock { $0 }
    listener?(line)
  }
}

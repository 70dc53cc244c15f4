import CKernels
import Glibc
import Synchronization

/// Calls of somebody else's library on a file that the user gave.
///
/// Such a library may trust what it reads, so that a damaged file brings it down or keeps it busy for
/// ever. A mark tells whoever owns the process, and so its signals, that the fault is most likely the
/// file's; a crash without a mark is a fault of the program. One thread at a time calls the library.
public enum ForeignCall {
  /// A file's name where a signal handler can read it. Keep it as long as calls on the file are made.
  @safe public final class Name: @unchecked Sendable {
    // Sendable: the bytes never change.
    fileprivate let bytes: UnsafeMutablePointer<CChar>

    public init(_ name: String) { unsafe bytes = strdup(name) }

    deinit { unsafe free(bytes) }
  }

  /// Runs `body`, which calls the library on that file.
  ///
  /// - Parameter isShort: whether the call takes neither time nor much memory on a file that is whole, so
  ///   that `watch` may end the process where it does, and more than 128 MiB at once are not given to it.
  public static func on<R>(
    _ name: Name, isShort: Bool = false, _ body: () throws -> R
  ) rethrows -> R {
    unblockAborts()
    let before = (thread.load(ordering: .relaxed), file.load(ordering: .relaxed))
    unsafe file.store(UInt(bitPattern: name.bytes), ordering: .relaxed)
    thread.store(pthread_self(), ordering: .releasing)
    let most = isShort ? ck_limit_allocations(128 << 20) : 0
    if isShort { unsafe watch?(true) }
    defer {
      if isShort {
        unsafe watch?(false)
        _ = ck_limit_allocations(most)
      }
      thread.store(before.0, ordering: .releasing)
      file.store(before.1, ordering: .relaxed)
    }
    return try body()
  }

  /// Threads of Dispatch block the signal of `abort`, which then ends the process without asking any
  /// handler.
  private static func unblockAborts() {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGABRT)
    unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Told at the beginning (true) and the end of each short call. Set once, before there are threads.
  nonisolated(unsafe) public static var watch: (@convention(c) (Bool) -> Void)?

  /// The name of the file that this thread is in a call on; nil outside of one. Safe in a signal
  /// handler.
  public static var fileOnThisThread: UnsafePointer<CChar>? {
    thread.load(ordering: .acquiring) == pthread_self() ? unsafe fileOnAnyThread : nil
  }

  /// The name of the file that some thread is in a call on. Safe in a signal handler.
  public static var fileOnAnyThread: UnsafePointer<CChar>? {
    guard thread.load(ordering: .acquiring) != 0 else { return nil }
    return unsafe UnsafePointer(bitPattern: file.load(ordering: .relaxed))
  }

  private static let thread = Atomic<UInt>(0)
  private static let file = Atomic<UInt>(0)
}

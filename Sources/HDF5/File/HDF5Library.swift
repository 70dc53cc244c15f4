import CHDF5
import Files
import Glibc
import Synchronization

/// The library as a whole: its version, and its error stack turned into words.
public enum HDF5Library {
  /// The version of the library in use, such as "1.10.8".
  public static var version: String {
    var major: UInt32 = 0
    var minor: UInt32 = 0
    var release: UInt32 = 0
    prepare()
    _ = unsafe H5get_libversion(&major, &minor, &release)
    return "\(major).\(minor).\(release)"
  }

  // The library's own closing at exit would write again to files that a full disk refused.
  private static let started: Bool = H5dont_atexit() >= 0 && H5open() >= 0

  /// Starts the library and silences its printing on this thread. Cost: a few nanoseconds.
  static func prepare() {
    _ = started
    _ = H5Eset_auto2(hid_t(H5E_DEFAULT), nil, nil)
  }

  /// Why the last call on this thread failed: the library's words, innermost last.
  struct Failure {
    var words: [String] = []

    /// The operating system's error number, where the library passed one on.
    var systemError: Int32? {
      for line in words {
        guard let number = line.text(after: "errno = ") else { continue }
        return Int32(number.prefix { $0.isNumber })
      }
      return nil
    }

    func mentions(_ text: String) -> Bool { words.contains { $0.text(after: text) != nil } }

    /// One clause for a message.
    var summary: String {
      if let systemError { return systemMessage(systemError) }
      return words.last ?? "HDF5 gave no reason"
    }
  }

  private static let lock = Mutex(())

  /// Runs `body` while no other caller of this function does: for threads that read or write
  /// files at the same time.
  public static func withLock<R>(_ body: () throws -> R) rethrows -> R {
    try lock.withLock { _ in try body() }
  }

  /// Reads and empties the error stack of this thread.
  static func failure() -> Failure {
    var failure = Failure()
    unsafe withUnsafeMutablePointer(to: &failure) { pointer in
      _ = unsafe H5Ewalk2(
        hid_t(H5E_DEFAULT), H5E_WALK_DOWNWARD,
        { _, entry, context in
          guard let entry = unsafe entry, let words = unsafe entry.pointee.desc else { return 0 }
          unsafe context!.assumingMemoryBound(to: Failure.self).pointee.words.append(
            String(cString: words))
          return 0
        }, pointer)
    }
    _ = H5Eclear2(hid_t(H5E_DEFAULT))
    return failure
  }
}

extension String {
  /// What follows the first occurrence of `text`; nil where there is none.
  fileprivate func text(after text: String) -> Substring? {
    var rest = self[...]
    while !rest.isEmpty {
      if rest.hasPrefix(text) { return rest.dropFirst(text.count) }
      rest = rest.dropFirst()
    }
    return nil
  }
}

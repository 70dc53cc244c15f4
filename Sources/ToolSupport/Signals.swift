import Glibc
import HDF5

/// What signals do to a tool: nothing temporary stays behind, and the status says which it was.
enum Signals {
  /// SIGINT ends with status 130, SIGTERM and SIGHUP with 128 plus their number; a closed pipe ends
  /// the tool quietly, as it does any filter.
  static func install() {
    for number in [SIGINT, SIGTERM, SIGHUP] {
      signal(number) { number in
        TemporaryFile.removeNames()
        _exit(128 + number)
      }
    }
    signal(SIGPIPE) { number in
      TemporaryFile.removeNames()
      signal(number, SIG_DFL)
      raise(number)
    }
  }
}

import Glibc

/// Variables that libraries read while they are loaded, before this program runs.
enum LoadTimeVariables {
  /// OpenBLAS starts threads of its own, which nothing here uses. Where the address space is limited
  /// their buffers may not fit; then they ask for them again and again, and the program never ends. So it
  /// starts itself once more without them.
  static func settle() {
    guard isLimited(__rlimit_resource_t(RLIMIT_AS.rawValue)), unsafe getenv(openBLAS) == nil,
      unsafe dlsym(UnsafeMutableRawPointer(bitPattern: 0), "openblas_set_num_threads") != nil
    else { return }
    unsafe setenv(openBLAS, "1", 1)
    // Where this fails the program goes on as it is.
    unsafe execv("/proc/self/exe", CommandLine.unsafeArgv)
  }

  private static let openBLAS = "OPENBLAS_NUM_THREADS"

  private static func isLimited(_ resource: __rlimit_resource_t) -> Bool {
    var limit = rlimit()
    return unsafe getrlimit(resource, &limit) == 0 && limit.rlim_cur < 1 << 60
  }
}

import CKernels
import Glibc

/// The processors that this process may use.
public enum Processors {
  /// How many threads are of use, at least 1: the processors of the affinity mask, no more than the
  /// control groups' quota rounded up.
  public static let available = count(
    allowed: Int(ck_allowed_processors()), quota: ControlGroups().processors)

  /// The same for teams of OpenMP, whose user may bound them by OMP_NUM_THREADS and OMP_THREAD_LIMIT.
  public static let availableToOpenMP =
    [
      available, variable("OMP_NUM_THREADS"), variable("OMP_THREAD_LIMIT"),
    ].compactMap { $0 }.min() ?? 1

  static func count(allowed: Int, quota: Double?) -> Int {
    guard let quota else { return max(allowed, 1) }
    return max(1, min(allowed, Int(min(quota.rounded(.up), 1e6))))
  }

  /// A positive number in the environment; the first of a list.
  private static func variable(_ name: String) -> Int? {
    guard let text = unsafe getenv(name) else { return nil }
    let word = unsafe String(cString: text).split(separator: ",").first ?? ""
    return Int(word.filter { !$0.isWhitespace }).flatMap { $0 > 0 ? $0 : nil }
  }
}

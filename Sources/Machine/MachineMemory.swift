import Glibc

/// The memory that this process may still take, and by whose word.
public struct MachineMemory: Sendable, Equatable {
  /// What bounds it.
  public enum Bound: String, Sendable, Equatable {
    case machine = "the machine's memory"
    case processLimit = "its limit (ulimit)"
    case controlGroup = "its control group's limit"
  }

  public let bytes: Int
  public let bound: Bound

  public init(bytes: Int, bound: Bound) {
    self.bytes = bytes
    self.bound = bound
  }

  /// The least that a bound leaves now.
  public static var available: MachineMemory {
    let page = sysconf(Int32(_SC_PAGESIZE))
    // In /proc/self/statm the pages of the address space come first, then those in memory; those of
    // data are sixth.
    let used = (SmallFile.read("/proc/self/statm") ?? "").split(separator: " ").map {
      (Int($0) ?? 0) * page
    }
    func left(_ limit: Int?, _ field: Int, _ bound: Bound) -> MachineMemory? {
      limit.map {
        MachineMemory(bytes: max(0, $0 - (field < used.count ? used[field] : 0)), bound: bound)
      }
    }
    let physical = sysconf(Int32(_SC_PHYS_PAGES)) * page
    let bounds = [
      left(physical > 0 ? physical : nil, 1, .machine),
      left(processLimit(RLIMIT_AS), 0, .processLimit),
      left(processLimit(RLIMIT_DATA), 5, .processLimit),
      left(ControlGroups().memory, 1, .controlGroup),
    ]
    return bounds.compactMap { $0 }.min { $0.bytes < $1.bytes }
      ?? MachineMemory(bytes: .max, bound: .machine)
  }

  private static func processLimit(_ resource: __rlimit_resource) -> Int? {
    var limit = rlimit()
    guard unsafe getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0,
      limit.rlim_cur < 1 << 60
    else { return nil }
    return Int(limit.rlim_cur)
  }

  /// "1.5 GiB is left of its limit (ulimit)".
  public var words: String { "\(byteText(Double(bytes))) is left of \(bound.rawValue)" }
}

/// A number of bytes to read: "1.5 GiB".
public func byteText(_ bytes: Double) -> String {
  var (value, unit) = (bytes, 0)
  let units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
  while value >= 1024 && unit < units.count - 1 { (value, unit) = (value / 1024, unit + 1) }
  let tenths = (value * 10).rounded()
  let isWhole = tenths.truncatingRemainder(dividingBy: 10) == 0
  return unit == 0 || tenths >= 1000 || isWhole
    ? "\(Int(value.rounded())) \(units[unit])" : "\(tenths / 10) \(units[unit])"
}

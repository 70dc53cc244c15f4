/// What Linux' control groups leave this process of processors and memory: containers, batch systems
/// and services are bounded by them. Version 1 and 2, and every group above the process's own.
///
/// What cannot be read bounds nothing.
public struct ControlGroups: Sendable {
  /// The folder that holds `proc` and `sys`.
  private let root: String

  /// - Parameter root: "" for the machine itself.
  public init(root: String = "") { self.root = root }

  /// The processor time in processors, such as 1.5; nil where it is not bounded.
  public var processors: Double? {
    let quotas = folders(of: "cpu").compactMap { folder -> Double? in
      if let text = SmallFile.read(folder + "/cpu.max") {
        let words = text.split(whereSeparator: \.isWhitespace)
        guard words.count == 2 else { return nil }
        return Self.quota(Double(words[0]), per: Double(words[1]))
      }
      return Self.quota(
        number(folder + "/cpu.cfs_quota_us"), per: number(folder + "/cpu.cfs_period_us"))
    }
    return quotas.min()
  }

  /// The memory in bytes; nil where it is not bounded.
  public var memory: Int? {
    let limits = folders(of: "memory").compactMap { folder in
      number(folder + "/memory.max") ?? number(folder + "/memory.limit_in_bytes")
    }
    // Version 1 writes "no limit" as the largest number of pages.
    return limits.filter { $0 > 0 && $0 < 0x1p60 }.min().map { Int($0) }
  }

  private static func quota(_ time: Double?, per period: Double?) -> Double? {
    guard let time, let period, time > 0, period > 0 else { return nil }
    return time / period
  }

  private func number(_ path: String) -> Double? {
    SmallFile.read(path).flatMap { text in
      text.split(whereSeparator: \.isWhitespace).first.flatMap { Double($0) }
    }
  }

  /// The folders of a controller's groups, from the process's own to the root.
  private func folders(of controller: String) -> [String] {
    let lines = (SmallFile.read(root + "/proc/self/cgroup") ?? "").split(separator: "\n")
    return lines.flatMap { line -> [String] in
      // "4:cpu,cpuacct:/docker/12ab", or "0::/user.slice" of version 2.
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { return [] }
      let controllers = parts[1].split(separator: ",").map(String.init)
      guard parts[1].isEmpty || controllers.contains(controller) else { return [] }
      let mounts = parts[1].isEmpty ? ["", "/unified"] : ["/" + parts[1], "/" + controller]
      return mounts.flatMap { chain(root + "/sys/fs/cgroup" + $0, String(parts[2])) }
    }
  }

  /// `mount` with the path and each of its parents. Inside a container the path may be the host's, of
  /// which the mount shows the end alone; then the mount itself is the group.
  private func chain(_ mount: String, _ path: String) -> [String] {
    var names = path.split(separator: "/")
    var result: [String] = []
    while true {
      result.append(([mount[...]] + names).joined(separator: "/"))
      if names.isEmpty { return result }
      names.removeLast()
    }
  }
}

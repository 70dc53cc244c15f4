import Glibc

/// What a run would take, said before it: peak memory, bytes in and out, and roughly the time.
///
///     var plan = RunPlan("averaging")
///     plan.read(bytes, passes: 1)
///     plan.memory.add(blocks, "blocks of columns")
///
/// Memory is what the process has when it is asked for, its libraries loaded and its inputs open, and on
/// top of it the parts that the work adds: they come from where the work is, and checks of memory
/// are made of the same ones. Seconds are bytes over a bandwidth and work over a processor's rate, right
/// to a factor of two where files are in the page cache; a disk takes its own time.
public struct RunPlan: Sendable {
  /// Bytes a second out of the page cache and into it.
  static let readRate = 3e9
  static let writeRate = 1.2e9
  /// Pages of code and of the allocator that a run touches and a plan does not.
  private static let unseenCode = 1.5e6

  /// What the work adds to what the process has.
  public var memory: MemoryNeed
  /// Passes over the inputs.
  public private(set) var passes = 0.0
  public private(set) var bytesRead = 0.0
  public var outputBytes = 0.0
  /// Seconds of work besides reading and writing, of all processors in use.
  public var work: Double

  /// - Parameter work: what the run does, such as "averaging".
  public init(_ work: String) {
    memory = MemoryNeed(work)
    // What was done up to here the run does too.
    self.work = Double(clock()) / Double(CLOCKS_PER_SEC)
  }

  /// Adds passes over an input.
  ///
  /// - Parameter bytes: of one pass.
  public mutating func read(_ bytes: Double, passes: Double = 1) {
    bytesRead += bytes * passes
    self.passes = max(self.passes, passes)
  }

  /// The largest resident set in its parts.
  public var residentSet: MemoryNeed {
    var all = memory
    all.add(
      max(ProcessMemory.resident + Self.unseenCode, ProcessMemory.peak - memory.bytes),
      "the program with its inputs open")
    return all
  }

  public var seconds: Double { bytesRead / Self.readRate + outputBytes / Self.writeRate + work }
}

/// The memory that this process has now.
public enum ProcessMemory {
  /// Bytes in memory.
  public static var resident: Double { field("VmRSS:") }
  /// The most bytes that were in memory at once.
  public static var peak: Double { field("VmHWM:") }

  private static func field(_ name: String) -> Double {
    let lines = (SmallFile.read("/proc/self/status") ?? "").split(separator: "\n")
    let words = lines.first { $0.hasPrefix(name) }?.split(whereSeparator: \.isWhitespace) ?? []
    return words.count > 1 ? (Double(words[1]) ?? 0) * 1024 : 0
  }
}

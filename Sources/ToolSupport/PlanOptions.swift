import ArgumentParser
import Machine
import TrajectoryFiles

/// `--plan`.
public struct PlanOptions: ParsableArguments {
  @Flag(help: "Print what the run would take, memory, input, output and time, and stop.")
  public var plan = false

  public init() {}

  /// Prints a plan: a row for each quantity, its value, its unit, and what it is made of.
  ///
  /// - Throws: `FileError` of kind `inputOutput`, `ClosedPipe`.
  public func print(_ plan: RunPlan, json: Bool = false) throws {
    var report = Report(columns: ["what", "value", "unit", "of_which"], json: json)
    func whole(_ bytes: Double) -> Report.Value {
      .integer(Int(min(bytes, 0x1p62).rounded(.up)))
    }
    let memory = plan.residentSet
    try report.add(
      [.text("memory"), whole(memory.bytes), .text("bytes"), .text(memory.list)])
    try report.add([.text("passes"), .number(plan.passes), .text(""), .text("")])
    try report.add([.text("input"), whole(plan.bytesRead), .text("bytes"), .text("")])
    try report.add([.text("output"), whole(plan.outputBytes), .text("bytes"), .text("")])
    try report.add([.text("time"), .number(plan.seconds), .text("seconds"), .text("")])
    try report.finish()
  }
}

extension RunPlan {
  /// Adds a result that is written.
  public mutating func write(_ output: OutputSize, _ name: String = "the result's objects") {
    outputBytes += output.bytes
    work += output.seconds
    memory.add(output.memory, name)
  }

  /// Adds passes over snapshots.
  public mutating func read(_ input: SnapshotSequence, passes: Double = 1) {
    read(input.storedBytes, passes: passes)
    memory.add(input.chunkCacheBytes, "compressed chunks")
  }
}

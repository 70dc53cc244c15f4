import Machine
import ToolSupport
import TrajectoryFiles
import WeightSpace

extension NnConvert {
  /// What this run would take.
  func planned(
    _ input: SnapshotSequence, _ stateDict: StateDictFormat?, _ history: [String]?
  ) throws -> RunPlan {
    var plan = RunPlan("converting")
    plan.read(input)
    let width = stateDict == nil ? 4 : 8
    plan.memory.add(
      Conversion.blocks(of: input, memory: memory.memory.bytes, bytesPerColumn: width)
        .memoryBytes(bytesPerColumn: width), "blocks of columns")
    if let stateDict {
      let contents = format.contents(
        of: input, statistics: true, format: stateDict, history: history)
      plan.write(
        try StateDictWriter.size(to: output.target.path, format: stateDict, contents: contents))
    } else {
      plan.write(
        TrajectoryWriter.size(
          layout: input.layout, bufferLayout: input.readers[0].bufferLayout,
          architecture: input.architecture, history: history,
          columns: input.readers[0].columns.count, carried: input.carried, snapshots: input.count))
    }
    return plan
  }
}

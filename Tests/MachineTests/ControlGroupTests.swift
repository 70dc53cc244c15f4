import Foundation
import TestSupport
import Testing

@testable import Machine

/// Folders as Linux' control groups show them.
@Suite struct ControlGroupTests {
  let folder = Folder()

  private func groups(_ process: String, _ files: [String: String]) -> ControlGroups {
    write("proc/self/cgroup", process)
    for (path, text) in files { write("sys/fs/cgroup/" + path, text) }
    return ControlGroups(root: folder.path)
  }

  private func write(_ path: String, _ text: String) {
    let parent = URL(fileURLWithPath: folder.file(path)).deletingLastPathComponent().path
    try! FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    folder.write(path, text)
  }

  @Test func versionTwo() {
    let groups = groups(
      "0::/user.slice/job\n",
      [
        "user.slice/job/cpu.max": "150000 100000\n", "user.slice/cpu.max": "max 100000\n",
        "user.slice/job/memory.max": "max\n", "user.slice/memory.max": "1073741824\n",
      ])
    #expect(groups.processors == 1.5 && groups.memory == 1 << 30)
  }

  @Test func versionOne() {
    let groups = groups(
      "5:cpu,cpuacct:/docker/12ab\n4:memory:/docker/12ab\n",
      [
        "cpu,cpuacct/docker/12ab/cpu.cfs_quota_us": "50000\n",
        "cpu,cpuacct/docker/12ab/cpu.cfs_period_us": "100000\n",
        "cpu,cpuacct/cpu.cfs_quota_us": "-1\n", "cpu,cpuacct/cpu.cfs_period_us": "100000\n",
        "memory/docker/12ab/memory.limit_in_bytes": "9223372036854771712\n",
        "memory/memory.limit_in_bytes": "2000000\n",
      ])
    #expect(groups.processors == 0.5 && groups.memory == 2_000_000)
  }

  /// In a container the mount shows the group itself, whose path is the host's.
  @Test func seenFromInside() {
    let groups = groups(
      "3:cpu:/kubepods/pod1/9\n",
      ["cpu/cpu.cfs_quota_us": "300000", "cpu/cpu.cfs_period_us": "100000"])
    #expect(groups.processors == 3 && groups.memory == nil)
  }

  @Test func nothingBounds() {
    #expect(groups("0::/\n", [:]).processors == nil)
    #expect(groups("nonsense\n", ["cpu.max": "many"]).memory == nil)
    #expect(ControlGroups(root: folder.path + "/none").processors == nil)
  }

  @Test func quotasAreRoundedUp() {
    #expect(Processors.count(allowed: 64, quota: nil) == 64)
    #expect(Processors.count(allowed: 64, quota: 2) == 2)
    #expect(Processors.count(allowed: 64, quota: 1.2) == 2)
    #expect(Processors.count(allowed: 4, quota: 0.1) == 1)
    #expect(Processors.count(allowed: 4, quota: 1e300) == 4)
    #expect(Processors.available >= 1 && Processors.availableToOpenMP >= 1)
  }

  @Test func shortageNamesTheParts() throws {
    var need = MemoryNeed("training it")
    need.add(3 * 0x1p30, "the data")
    need.add(0.5 * 0x1p20, "weights")
    let memory = MachineMemory(bytes: 1 << 30, bound: .processLimit)
    #expect(
      throws: MemoryShortage(
        description:
          "training it takes 3 GiB of memory (3 GiB for the data, 512 KiB for weights), but"
          + " 1 GiB is left of its limit (ulimit)")
    ) { try need.check(against: memory) }
    try need.check(against: MachineMemory(bytes: 4 << 30, bound: .machine))
    #expect(MachineMemory.available.bytes > 1 << 20)
    #expect(
      byteText(1536) == "1.5 KiB" && byteText(100) == "100 bytes" && byteText(0x1p70) == "1024 EiB")
  }
}

import Datasets
import Files
import Foundation
import Glibc
import Inspection
import NeuralNetworks
import TrajectoryFiles
import WeightSpace

/// What libFuzzer feeds with bytes: readers of every format whose bytes are read by code of this suite.
///
/// The first byte says which reader is meant, so that one corpus serves them all; the rest is the file.
/// An error that a reader throws is as it should be: a trap, a hang, or memory that no file is worth are
/// findings.
private let readers: [(String, (String, [UInt8]) throws -> Void)] = [
  ("state dict", { path, _ in try readSnapshot(path) }),
  ("report", { path, _ in _ = try Inspection.report(on: path, depth: .full) }),
  ("table", { path, _ in _ = try Dataset.csv(path, task: .regression) }),
  ("labels", { path, _ in _ = try Dataset.csv(path, task: .classification(classNames: nil)) }),
  ("idx", { path, _ in _ = try Dataset.idx([(path, path)]) }),
  ("cifar", { path, _ in _ = try Dataset.cifar(.cifar10, files: [path]) }),
  (
    "architecture",
    { _, bytes in
      _ = try Network(Architecture(json: String(decoding: bytes, as: UTF8.self)))
    }
  ),
  (
    "operand",
    { _, bytes in _ = try SnapshotSelection.parse(String(decoding: bytes, as: UTF8.self)) }
  ),
  ("npy header", { _, bytes in _ = try NpyHeader(bytes) }),
]

private func readSnapshot(_ path: String) throws {
  let reader = try TrajectoryReader(path)
  guard reader.layout.count < 1 << 20, reader.snapshotCount > 0 else { return }
  var weights = WeightVector(count: reader.layout.count)
  try reader.readWeights(0, into: &weights)
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let data, count > 1 else { return 0 }
  let bytes = unsafe Array(UnsafeBufferPointer(start: data + 1, count: count - 1))
  let reader = readers[Int(unsafe data[0]) % readers.count]
  // A file that is nowhere but in memory.
  let descriptor = unsafe memfd_create("fuzz", UInt32(MFD_CLOEXEC))
  guard descriptor >= 0 else { return -1 }
  defer { close(descriptor) }
  guard
    unsafe bytes.withUnsafeBytes({ unsafe write(descriptor, $0.baseAddress, $0.count) })
      == bytes.count
  else { return -1 }
  _ = try? reader.1("/proc/self/fd/\(descriptor)", bytes)
  return 0
}

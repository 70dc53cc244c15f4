import Datasets
import Files
import Glibc
import Images
import Inspection
import NeuralNetworks
import TrajectoryFiles
import WeightSpace

/// What libFuzzer feeds with bytes: readers of every format whose bytes are read by code of this suite.
///
/// The first byte says which reader is meant, so that one corpus serves them all; the rest is the file.
/// An error that a reader throws is as it should be: a trap, a hang, or memory that no file is worth are
/// findings.
private let readers: [(String, @Sendable (String, [UInt8]) throws -> Void)] = [
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
  ("picture", { _, bytes in try readPicture(bytes) }),
  ("tar", { path, _ in _ = try PictureList.tars([path]) }),
  ("npy", { path, _ in _ = try Dataset.npy(inputs: path, targets: path) }),
  ("npz", { path, _ in _ = try Dataset.npz(path) }),
  ("features", { path, _ in try readFeatures(path) }),
]

/// Decodes and shrinks.
private func readPicture(_ bytes: [UInt8]) throws {
  let picture = try Picture(bytes, channels: 3)
  let frame = try Framing(size: .shorter(7), crop: 5).frame(
    width: picture.width, height: picture.height)
  guard frame.width < 1 << 16, frame.height < 1 << 16 else { return }
  var planes = [UInt8](repeating: 0, count: 3 * 5 * 5)
  _ = unsafe planes.withUnsafeMutableBufferPointer { unsafe picture.write(frame, to: $0) }
}

private func readFeatures(_ path: String) throws {
  var features = TableFeatures()
  features.categories = .oneHot
  features.missing = .mean
  _ = try Dataset.csv(
    path, task: .classification(classNames: nil), features: features, decimalComma: true)
}

private func readSnapshot(_ path: String) throws {
  let reader = try TrajectoryReader(path)
  guard reader.layout.count < 1 << 20, reader.snapshotCount > 0 else { return }
  var weights = WeightVector(count: reader.layout.count)
  try reader.readWeights(0, into: &weights)
}

private func testOneInput(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = unsafe Array(UnsafeBufferPointer(start: data, count: count))
  guard let first = input.first, count > 1 else { return 0 }
  let bytes = Array(input.dropFirst())
  // A file that has no name, so that nothing stays of it.
  guard let file = try? TemporaryFile(in: "/dev/shm", nameless: true),
    (try? unsafe bytes.withUnsafeBytes {
      try unsafe BlockingTransfer.write($0, to: file.descriptor, at: 0, file: "input")
    }) != nil
  else { return -1 }
  _ = try? readers[Int(first) % readers.count].1("/proc/self/fd/\(file.descriptor)", bytes)
  return 0
}

/// libFuzzer's loop, which `-sanitize=fuzzer` links.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

@main struct Fuzz {
  static func main() {
    var count = CommandLine.argc
    var arguments = unsafe CommandLine.unsafeArgv
    exit(unsafe runDriver(&count, &arguments) { unsafe testOneInput($0, $1) })
  }
}

import Files
import HDF5

/// The commands that a run has gone on with after its first one, newest first: lines of text in a
/// dataset of bytes, which are written in their place. An attribute that becomes longer would move.
struct LaterCommands {
  private static let path = DatasetName.state("history").path
  private static let capacity = 4096
  private let dataset: HDF5Dataset

  /// Creates it, without a line.
  static func create(in file: HDF5File) throws {
    try file.createDataset(path, type: .uint8, shape: [capacity], allocateNow: true)
      .write([UInt8](repeating: 0, count: capacity))
  }

  /// Nil where a file has no place for them.
  init?(in file: HDF5File) throws {
    guard file.exists(Self.path) else { return nil }
    dataset = try file.dataset(Self.path)
    guard dataset.type == .uint8, dataset.shape == [Self.capacity] else {
      throw dataset.problem("should be \(Self.capacity) bytes")
    }
  }

  func lines() throws -> [String] {
    let bytes = try dataset.read(UInt8.self).prefix { $0 != 0 }
    return bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Puts a line before the others. Where they take too much place the oldest are dropped; so is a line
  /// that is too long alone.
  func add(_ line: String) throws {
    var bytes: [UInt8] = []
    for line in [line] + (try lines()) where bytes.count + line.utf8.count + 1 < Self.capacity {
      bytes += Array(line.utf8) + [UInt8(ascii: "\n")]
    }
    try dataset.write(bytes + [UInt8](repeating: 0, count: Self.capacity - bytes.count))
  }

  /// The history of a file, of a run that has gone on with all its commands.
  static func history(of file: HDF5File) throws -> [String] {
    (try LaterCommands(in: file)?.lines() ?? []) + (try file.stringsAttribute("history") ?? [])
  }
}

import Foundation

/// A fresh folder that is gone with the value.
public final class Folder {
  public let path: String

  public init() {
    path = FileManager.default.temporaryDirectory.path + "/weightspace-test-" + UUID().uuidString
    try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in it.
  public func file(_ name: String) -> String { path + "/" + name }

  /// Writes a file and returns its path.
  @discardableResult
  public func write(_ name: String, _ bytes: [UInt8]) -> String {
    precondition(FileManager.default.createFile(atPath: file(name), contents: Data(bytes)))
    return file(name)
  }

  @discardableResult
  public func write(_ name: String, _ text: String) -> String { write(name, Array(text.utf8)) }

  /// Makes a named pipe.
  public func makePipe(_ name: String) -> Bool { mkfifo(file(name), 0o600) == 0 }

  /// A file's bytes; none where it is not there.
  public func bytes(_ name: String) -> [UInt8] {
    FileManager.default.contents(atPath: file(name)).map { [UInt8]($0) } ?? []
  }

  /// The files in it, hidden ones too, sorted.
  public var listing: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }
}

/// A file's bytes.
public func fileBytes(_ path: String) throws -> [UInt8] {
  [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
}

/// What the error says that the body throws; nil where it throws none.
public func message(_ body: () throws -> Void) -> String? {
  do {
    try body()
    return nil
  } catch {
    return "\(error)"
  }
}

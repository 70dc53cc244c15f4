import Files

/// What decides the numbers of a run, as text: a resumed run must have it in common with the run it
/// goes on with.
public struct RunSettings {
  private let lines: [(name: String, value: String)]

  /// - Parameter lines: what decides, by names as a user would call it, such as "--seed", and values
  ///   of one line each.
  public init(_ lines: [(name: String, value: String)]) { self.lines = lines }

  /// What is kept in the file.
  public var text: String { lines.map { "\($0.name)=\($0.value)" }.joined(separator: "\n") }

  /// - Throws: `FileError` of kind `wrongData` where the settings in a file are others.
  public func requireSame(as stored: String, in file: String) throws {
    if let difference = difference(from: stored) { throw Self.anotherRun(file, difference) }
  }

  /// The error for a file of another run, which differs in that.
  public static func anotherRun(_ file: String, _ difference: String) -> FileError {
    FileError(
      .wrongData, file: file,
      "is another run: \(difference); resume with the same options and data, or choose another -o")
  }

  /// The first difference from the settings of a file in words, nil if there is none.
  private func difference(from stored: String) -> String? {
    let old = stored.split(separator: "\n", omittingEmptySubsequences: false)
    for (i, line) in lines.enumerated() {
      let prefix = line.name + "="
      let value =
        i < old.count && old[i].hasPrefix(prefix) ? String(old[i].dropFirst(prefix.count)) : "?"
      if value != line.value { return "\(line.name) was \(value), not \(line.value)" }
    }
    return nil
  }
}

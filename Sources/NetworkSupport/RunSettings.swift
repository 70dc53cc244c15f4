import Files

/// One thing that decides the numbers of a run.
public struct RunSetting: Sendable {
  /// As a user would call it, such as `--seed`.
  public let name: String
  /// One line.
  public let value: String
  /// What runs have that say nothing of it, such as those of files that were written before there
  /// was this option; nil where every run says it.
  public let standard: String?

  public init(_ name: String, _ value: String, standard: String? = nil) {
    self.name = name
    self.value = value
    self.standard = standard
  }
}

/// What decides the numbers of a run, kept in its file as text, by name: a resumed run must have it in
/// common with the run it goes on with. What is standard is left out.
public struct RunSettings {
  private let settings: [RunSetting]

  public init(_ settings: [RunSetting]) { self.settings = settings }

  /// What is kept in the file: lines of `name=value`.
  public var text: String {
    settings.filter { $0.value != $0.standard }.map { "\($0.name)=\($0.value)" }
      .joined(separator: "\n")
  }

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
    var old: [Substring: Substring] = [:]
    for line in stored.split(separator: "\n") {
      guard let mark = line.firstIndex(of: "=") else { continue }
      old[line[..<mark]] = line[line.index(after: mark)...]
    }
    for setting in settings {
      let value = old.removeValue(forKey: setting.name[...]).map(String.init) ?? setting.standard
      if value != setting.value {
        return "\(setting.name) was \(value ?? "?"), not \(setting.value)"
      }
    }
    return old.keys.min().map { "\($0) was \(old[$0]!), which is not known here" }
  }
}

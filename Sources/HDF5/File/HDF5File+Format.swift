import Files

extension HDF5File {
  /// What the file says it holds, such as "trajectory"; nil for a file from elsewhere, whose
  /// attributes of these names mean something else.
  ///
  /// - Throws: `FileError` of kind `wrongData` for a file of a later version of the format, which
  ///   nobody here can know how to read.
  public func kind(in format: FileFormat) throws -> String? {
    guard try stringAttribute("format") == format.name else { return nil }
    if let version = try integerAttribute("format_version"), version > format.version {
      throw FileError(
        .wrongData, file: name, object: "format_version",
        "is \(version): written by a later \(format.name); this one reads format \(format.version)")
    }
    return try stringAttribute("kind")
  }

  /// Makes a new file say what it holds.
  public func declare(kind: some RawRepresentable<String>, in format: FileFormat) throws {
    try setAttribute("format", format.name)
    try setAttribute("format_version", format.version)
    try setAttribute("kind", kind.rawValue)
  }
}

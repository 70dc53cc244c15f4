extension HDF5File {
  /// What the file says it holds, such as "trajectory" or "dataset"; nil for a file from elsewhere.
  ///
  /// - Throws: `FileError` of kind `wrongData` for a file of a later format than the first, which this
  ///   version cannot know how to read.
  public func kind() throws -> String? {
    if try stringAttribute("format") == "weightspace",
      let version = try integerAttribute("format_version"), version > 1
    {
      throw FileError(
        .wrongData, file: name, object: "format_version",
        "is \(version): written by a later weightspace; this one reads format 1")
    }
    return try stringAttribute("kind")
  }
}

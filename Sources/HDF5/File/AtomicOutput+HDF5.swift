import Files

extension AtomicOutput {
  /// Creates the HDF5 file to be written; to be closed before `commit()`.
  ///
  /// - Parameter grows: whether it is flushed while it is being written.
  /// - Throws: `FileError`, also where the target's name promises another format.
  public func createFile(grows: Bool = false) throws -> HDF5File {
    try refuseOtherFormats()
    return try withPath { try HDF5File.create($0, displayName: name, grows: grows) }
  }

  /// - Throws: `FileError` of kind `cannotCreate` where the target's name promises another format than
  ///   HDF5.
  public func refuseOtherFormats() throws {
    if let suffix = ForeignName.suffix(of: name) {
      throw FileError(
        .cannotCreate, file: name,
        "this would be an HDF5 file; give it another name than \(suffix)"
          + ForeignName.advice(on: suffix))
    }
  }
}

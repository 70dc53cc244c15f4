import Files

extension HDF5File {
  /// Marks the file, which is open for writing, as this process's to write to until it is closed.
  ///
  /// - Throws: `FileError` of kind `cannotCreate` where it is another's.
  public func takeForWriting() throws {
    guard let descriptor else { return }
    guard WriterLock.take(descriptor) else { throw WriterLock.busy(name) }
  }
}

import CHDF5
import Files
import Glibc

// Files that grow, and can be read whenever the process that writes to them ends.
extension HDF5File {
  /// Hands everything written so far to the operating system.
  ///
  /// The file is first lengthened, and its superblock says so before anything in it leads beyond the
  /// old end; and it never becomes shorter. So a process can be killed in the middle of it. For a file
  /// that was created to grow, or opened for writing.
  public func flush() throws {
    try keepLength()
    try lengthen()
    if H5Fflush(handle, H5F_SCOPE_GLOBAL) < 0 { throw error(.inputOutput) }
    claimed = try end()
  }

  /// Takes the whole file for in use, as after a crash: a process killed in the middle of a flush may
  /// have written an index that leads to a new chunk, but not yet the superblock that says how long
  /// the file is now. Without this the chunk could not be read, and its place would be given to
  /// others.
  public func claimWholeFile() throws {
    if H5Fincrement_filesize(handle, 0) < 0 { throw error(.inputOutput) }
    claimed = try end()
  }

  /// The address behind all that the library has given away.
  private func end() throws -> haddr_t {
    var end: haddr_t = 0
    guard unsafe H5Fget_eoa(handle, &end) >= 0 else { throw error(.inputOutput) }
    return end
  }

  /// Gives space at the end that has become free since the last flush away for good: the library would
  /// cut the file off before its superblock says that it is shorter.
  private func keepLength() throws {
    guard try end() < claimed else { return }
    // The end is first set to where bytes have been written.
    if H5Fincrement_filesize(handle, 0) < 0 { throw error(.inputOutput) }
    let missing = Int64(claimed) - Int64(try end())
    if missing > 0, H5Fincrement_filesize(handle, hsize_t(missing)) < 0 {
      throw error(.inputOutput)
    }
  }

  private func lengthen() throws {
    let end = Int(try end())
    var raw: UnsafeMutableRawPointer?
    guard unsafe H5Fget_vfd_handle(handle, hid_t(H5P_DEFAULT), &raw) >= 0, let raw = unsafe raw
    else { throw error(.inputOutput) }
    let descriptor = unsafe raw.load(as: Int32.self)
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { return }
    let from = min(reserved, Int(status.st_size))
    if end > from {
      // Before structures are changed.
      try reserveBlocks(from..<end, of: descriptor, size: Int(status.st_size), file: name)
    }
    reserved = max(end, reserved)
    if self.descriptor != nil {
      try Superblock.claim(end: end, of: descriptor, file: name)
    }
  }
}

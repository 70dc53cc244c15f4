import CHDF5
import Files
import Glibc

/// An open HDF5 file. Owns the library's handle; all calls belong on one thread at a time.
///
/// Files are written with library version bounds 1.8 (no "open for write" mark that would lock
/// readers out after a crash), without object times and with creation order tracked, so that the
/// same calls write the same bytes. No file is ever locked: a file that another process is still
/// writing can be opened, and shows what its last flush left.
public final class HDF5File: @unchecked Sendable {
  // Sendable: the handle never changes, and the library serialises its own calls.

  /// The name that messages use.
  public let name: String
  let handle: hid_t
  /// For marking calls on a file that was there before; nil for one that is made here.
  private let mark: ForeignCall.Name?
  private var isOpen = true
  private(set) lazy var descriptor = findDescriptor()
  /// Up to where disk space has been reserved by `flush()`.
  var reserved = 0
  /// What the superblock on disk says of the file's end since the last flush.
  var claimed: haddr_t = 0

  private init(handle: hid_t, name: String, mark: ForeignCall.Name? = nil) {
    self.handle = handle
    self.name = name
    self.mark = mark
  }

  deinit { if isOpen { _ = inLibrary { H5Fclose(handle) } } }

  /// Runs `body`, which calls the library on this file and believes what is in it.
  ///
  /// - Parameter isShort: whether that takes no time where the file is whole.
  func inLibrary<R>(isShort: Bool = false, _ body: () throws -> R) rethrows -> R {
    guard let mark else { return try body() }
    return try ForeignCall.on(mark, isShort: isShort, body)
  }

  /// Opens what an operand names: a file, a pipe, or standard input for "-". What cannot seek is
  /// spooled to an unlinked temporary file first.
  ///
  /// - Throws: `FileError` as `open(_:writable:displayName:)`.
  public static func open(operand: String) throws -> HDF5File {
    try open(SpooledInput(operand))
  }

  /// As `open(operand:)`, for an input that is at hand.
  public static func open(_ source: SpooledInput) throws -> HDF5File {
    try source.withPath { try open($0, displayName: source.name) }
  }

  /// Opens an existing file.
  ///
  /// - Parameters:
  ///   - path: a file that can seek.
  ///   - writable: also for writing; changed metadata then stays in memory until `flush()`.
  ///   - displayName: the name for messages, the path by default.
  /// - Throws: `FileError`: `missingInput` for what is not there or may not be read, `wrongData` for
  ///   a directory, an empty or truncated file, and what is no HDF5 file.
  public static func open(
    _ path: String, writable: Bool = false, displayName: String? = nil
  ) throws -> HDF5File {
    HDF5Library.prepare()
    let name = displayName ?? path
    try checkReadable(path, name: name)
    let access = try accessList(writable: writable, grows: writable)
    defer { H5Pclose(access) }
    let mode = writable ? chdf5_read_write() : chdf5_read_only()
    let mark = ForeignCall.Name(shown(name))
    var handle = ForeignCall.on(mark) { unsafe H5Fopen(path, mode, access) }
    var attempts = 0
    while handle < 0 {
      let failure = HDF5Library.failure()
      // A file that grows claims its new length a moment before it has it.
      guard failure.mentions("truncated file"), attempts < 20, isFresh(path) else {
        throw openingError(path, name: name, failure)
      }
      attempts += 1
      usleep(50_000)
      handle = ForeignCall.on(mark) { unsafe H5Fopen(path, mode, access) }
    }
    return HDF5File(handle: handle, name: name, mark: mark)
  }

  /// Whether a file was written to in the last two seconds.
  private static func isFresh(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && time(nil) - status.st_mtim.tv_sec <= 2
  }

  /// Creates a file, replacing what has that name.
  ///
  /// - Parameter grows: whether `flush()` is going to be called, until when metadata stay in memory, as
  ///   others may see the file.
  /// - Throws: `FileError`: `cannotCreate`, or `inputOutput` on a full disk.
  public static func create(
    _ path: String, displayName: String? = nil, grows: Bool = false
  ) throws -> HDF5File {
    HDF5Library.prepare()
    let access = try accessList(writable: true, grows: grows)
    defer { H5Pclose(access) }
    let creation = H5Pcreate(chdf5_file_create())
    defer { H5Pclose(creation) }
    _ = chdf5_no_times(creation)
    _ = H5Pset_link_creation_order(creation, chdf5_creation_order())
    let handle = unsafe H5Fcreate(path, chdf5_truncate(), creation, access)
    let name = displayName ?? path
    if handle < 0 {
      let failure = HDF5Library.failure()
      throw FileError(
        failure.systemError == ENOSPC ? .inputOutput : .cannotCreate, file: name, failure.summary)
    }
    return HDF5File(handle: handle, name: name)
  }

  /// Never writes to the file again, and does not close it: after a failed write, what is on disk
  /// since the last flush is whole, and what is in memory is not.
  public func abandon() { isOpen = false }

  /// Closes the file and all that is open in it.
  ///
  /// - Throws: `FileError` where what was still to be written cannot be.
  public func close() throws {
    guard isOpen else { return }
    isOpen = false
    if inLibrary({ H5Fclose(handle) }) < 0 { throw error(.inputOutput) }
  }

  /// The error for the call that has just failed on this thread.
  func error(_ kind: FileError.Kind, object: String? = nil, _ what: String? = nil) -> FileError {
    let failure = HDF5Library.failure()
    // Writing to a file that was there before fails of damage, unless the system says otherwise.
    let isDamage = kind == .inputOutput && mark != nil
    let kind = failure.systemError != nil ? .inputOutput : isDamage ? .wrongData : kind
    let words = failure.summary
    return FileError(
      kind, file: name, object: object.map(Self.bare), what.map { "\($0) (\(words))" } ?? words)
  }

  /// The path without leading slashes, as messages show it.
  static func bare(_ path: String) -> String { String(path.drop { $0 == "/" }) }

  private static func accessList(writable: Bool, grows: Bool) throws -> hid_t {
    let list = H5Pcreate(chdf5_file_access())
    // For reading, whatever the library knows.
    if writable { _ = H5Pset_libver_bounds(list, H5F_LIBVER_V18, H5F_LIBVER_V18) }
    _ = H5Pset_fclose_degree(list, H5F_CLOSE_STRONG)
    _ = chdf5_no_locking(list)
    if writable {
      // Nothing written may wait in a buffer that an error would flush out of order.
      _ = H5Pset_sieve_buf_size(list, 0)
    }
    if !grows { _ = chdf5_small_cache(list) }
    if grows {
      _ = chdf5_no_evictions(list)
      // No space in advance, which a flush would give back by making the file shorter.
      _ = H5Pset_meta_block_size(list, 0)
      _ = H5Pset_small_data_block_size(list, 0)
    }
    return list
  }
}

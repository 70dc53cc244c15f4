import CHDF5
import Files
import Glibc

// What is in a group.
extension HDF5File {
  /// A member of a group.
  public struct Child: Sendable, Equatable {
    public enum Kind: Sendable { case group, dataset, other }
    public let name: String
    public let kind: Kind
    /// The same for all names of an object.
    public let identity: Identity
  }

  /// Tells objects apart, whatever their names: the number of a file and a place in it.
  public struct Identity: Hashable, Sendable {
    let file: UInt64
    let place: UInt64
  }

  /// The members of a group: in the order of their creation where the group tracks it, else in the
  /// byte order of their names.
  ///
  /// - Throws: `FileError` of kind `wrongData` for a link that leads nowhere and for a name that is not
  ///   UTF-8, so that nothing is passed over in silence.
  public func children(of group: String = "/") throws -> [Child] {
    HDF5Library.prepare()
    return try inLibrary { try members(of: group) }
  }

  /// What tells a group from others.
  public func identity(ofGroup path: String) throws -> Identity {
    var numbers: (UInt64, UInt64) = (0, 0)
    let kind = inLibrary { object(handle, path, &numbers) }
    guard kind == 0 else { throw error(.wrongData, object: path, "cannot open the group") }
    return Identity(file: numbers.0, place: numbers.1)
  }

  /// The paths of all datasets, group by group; a group with several names is entered once.
  public func datasetPaths() throws -> [String] {
    var visited: Set = [try identity(ofGroup: "/")]
    var paths: [String] = []
    func collect(_ group: String) throws {
      for child in try children(of: group.isEmpty ? "/" : group) {
        let path = group.isEmpty ? child.name : "\(group)/\(child.name)"
        if child.kind == .dataset { paths.append(path) }
        if child.kind == .group, visited.insert(child.identity).inserted { try collect(path) }
      }
    }
    try collect("")
    return paths
  }

  private func members(of group: String) throws -> [Child] {
    let id = unsafe H5Gopen2(handle, group.isEmpty ? "/" : group, hid_t(H5P_DEFAULT))
    if id < 0 { throw error(.wrongData, object: group, "cannot open the group") }
    defer { H5Gclose(id) }
    var info = H5G_info_t()
    guard unsafe H5Gget_info(id, &info) >= 0 else { throw error(.wrongData, object: group) }
    var flags: UInt32 = 0
    let creation = H5Gget_create_plist(id)
    _ = unsafe H5Pget_link_creation_order(creation, &flags)
    H5Pclose(creation)
    let index = flags & UInt32(H5P_CRT_ORDER_TRACKED) != 0 ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME

    var children: [Child] = []
    for bytes in try names(id, index, atMost: Int(clamping: info.nlinks), in: group) {
      guard let name = String(validating: bytes, as: UTF8.self) else {
        throw FileError(
          .wrongData, file: self.name,
          object: Self.bare(group + "/" + String(decoding: bytes, as: UTF8.self)),
          "a name that is not UTF-8; give it another")
      }
      var numbers: (UInt64, UInt64) = (0, 0)
      let kind = canFollow(id, name) ? object(id, name, &numbers) : -1
      guard kind >= 0 else { throw leadsNowhere(id, name, in: group) }
      children.append(
        Child(
          name: name, kind: kind == 0 ? .group : kind == 1 ? .dataset : .other,
          identity: Identity(file: numbers.0, place: numbers.1)))
    }
    return children
  }

  /// The names in a group, as bytes.
  private func names(
    _ id: hid_t, _ index: H5_index_t, atMost count: Int, in group: String
  ) throws -> [[UInt8]] {
    var found = (names: [[UInt8]](), limit: count)
    let status = unsafe withUnsafeMutablePointer(to: &found) { pointer in
      unsafe chdf5_each_name(
        id, index,
        { name, context in
          let found = unsafe context!.assumingMemoryBound(to: (names: [[UInt8]], limit: Int).self)
          // More than the group says it has: damaged lists go round in circles.
          guard unsafe found.pointee.names.count < found.pointee.limit, let name = unsafe name
          else {
            return 1
          }
          let bytes = unsafe UnsafeRawBufferPointer(start: name, count: strlen(name))
          unsafe found.pointee.names.append(Array(bytes))
          return 0
        }, pointer)
    }
    guard status == 0 else {
      throw status < 0
        ? error(.wrongData, object: group)
        : FileError(.wrongData, file: name, object: Self.bare(group), "a damaged list of names")
    }
    return found.names
  }

  /// What a name in a group leads to, as `chdf5_object` says, and the numbers of its identity.
  private func object(_ group: hid_t, _ name: String, _ numbers: inout (UInt64, UInt64)) -> Int32 {
    var both = [UInt64](repeating: 0, count: 2)
    let kind = unsafe chdf5_object(group, name, &both)
    numbers = (both[0], both[1])
    return kind
  }

  /// What a link that is not hard names; nil for a hard one.
  private func target(_ group: hid_t, _ name: String) -> (file: String, path: String)? {
    var file = [CChar](repeating: 0, count: 4096)
    var path = file
    guard unsafe chdf5_link(group, name, &file, &path, file.count) > 0 else { return nil }
    func text(_ bytes: [CChar]) -> String {
      String(decoding: bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    return (text(file), text(path))
  }

  /// Whether a link can be followed without waiting: a pipe under the name of another file would be
  /// opened and never read.
  func canFollow(_ group: hid_t, _ name: String) -> Bool {
    guard let target = target(group, name), !target.file.isEmpty else { return true }
    return candidates(for: target.file).contains(where: isRegularFile)
  }

  private func leadsNowhere(_ group: hid_t, _ name: String, in path: String) -> FileError {
    _ = HDF5Library.failure()
    let words =
      target(group, name).map { target in
        target.file.isEmpty
          ? "is a link to \(target.path), which is not there"
          : "is a link to \(target.path) in \(target.file), which cannot be opened"
      } ?? "cannot be opened; damaged"
    return FileError(
      .wrongData, file: self.name, object: Self.bare(path == "/" ? name : path + "/" + name), words)
  }

  /// The paths under which the library looks for a file that this one names.
  func candidates(for other: String) -> [String] {
    if other.utf8.first == UInt8(ascii: "/") { return [other] }
    var buffer = [CChar](repeating: 0, count: 4097)
    _ = unsafe H5Fget_name(handle, &buffer, buffer.count - 1)
    let own = String(
      decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let folder = own.lastIndex(of: "/").map { String(own[...$0]) } ?? ""
    return [folder + other, other]
  }
}

/// Whether a path leads to a regular file.
func isRegularFile(_ path: String) -> Bool {
  var status = stat()
  return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
}

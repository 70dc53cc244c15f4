import CHDF5
import Files

// Whether a dataset can be as large as it says.
extension HDF5Dataset {
  /// What is accepted without being stored: an array that was never written reads as zeros.
  private static let smallClaim = 1 << 20

  /// Refuses a dataset that says it is larger than what its file stores of it, before anything of that
  /// size is made.
  ///
  /// - Parameter rows: how far its first axis counts; all of it by default.
  /// - Throws: `FileError` of kind `wrongData`.
  public func checkStored(rows: Int? = nil) throws {
    let storage = try storage()
    var extents = shape
    if let rows, !extents.isEmpty { extents[0] = min(rows, extents[0]) }
    guard let claimed = Extents.product(extents, times: storage.size) else {
      throw problem("shape \(shape) is too large")
    }
    switch storage.layout {
    case H5D_CONTIGUOUS:
      if try hasExternalFiles { return }
      let address = H5Dget_offset(try handle())
      let isStored = address != chdf5_no_address()
      let end = Extents.sum([isStored ? Int(clamping: address) : 0, claimed]) ?? .max
      if end > fileSize, isStored || claimed > Self.smallClaim { throw tooLarge(claimed) }
    case H5D_CHUNKED:
      // The library would look for chunks for ever.
      guard storage.chunk?.count == extents.count else {
        throw problem(
          "its chunks have other dimensions than shape \(shape); damaged, copy or make it again")
      }
      guard claimed > max(fileSize, Self.smallClaim) else { return }
      guard storage.filters > 0, let chunk = storage.chunk, chunk.count == extents.count,
        !chunk.contains(0)
      else {
        throw tooLarge(claimed)
      }
      let needed = zip(extents, chunk).reduce(1) { $0 * ($1.0 / $1.1 + ($1.0 % $1.1 > 0 ? 1 : 0)) }
      var stored: hsize_t = 0
      let id = try handle()
      let space = H5Dget_space(id)
      defer { H5Sclose(space) }
      let found = file.inLibrary { unsafe H5Dget_num_chunks(id, space, &stored) }
      if found < 0 || stored < needed { throw tooLarge(claimed) }
    case H5D_VIRTUAL:
      let creation = H5Dget_create_plist(try handle())
      defer { H5Pclose(creation) }
      try checkSources(creation)
    default: break
    }
  }

  private func tooLarge(_ bytes: Int) -> FileError {
    problem(
      "shape \(shape) takes \(bytes) bytes, but the file, of \(fileSize), does not hold them; damaged,"
        + " or never written")
  }

  private var hasExternalFiles: Bool {
    get throws {
      let creation = H5Dget_create_plist(try handle())
      defer { H5Pclose(creation) }
      return H5Pget_external_count(creation) > 0
    }
  }

  /// Of the file that holds the dataset, to which an external link may have led.
  private var fileSize: Int {
    guard let id = try? handle() else { return 0 }
    let file = H5Iget_file_id(id)
    defer { H5Fclose(file) }
    var size: hsize_t = 0
    return unsafe H5Fget_filesize(file, &size) < 0 ? 0 : Int(clamping: size)
  }

  private static func text(ofSource i: Int, _ creation: hid_t) -> String {
    var name = [CChar](repeating: 0, count: 4097)
    _ = unsafe H5Pget_virtual_dsetname(creation, i, &name, name.count - 1)
    return String(
      decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Refuses a virtual dataset a source of which is missing: its part would read as a made-up value.
  private func checkSources(_ creation: hid_t) throws {
    var count = 0
    guard unsafe H5Pget_virtual_count(creation, &count) >= 0 else { throw file.error(.wrongData) }
    for i in 0..<count {
      var name = [CChar](repeating: 0, count: 4097)
      guard unsafe H5Pget_virtual_filename(creation, i, &name, name.count - 1) >= 0 else {
        throw file.error(.wrongData, object: path)
      }
      let source = String(
        decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      // A name with a pattern stands for any number of files.
      if source == "." || source.contains("%b") { continue }
      guard let found = file.candidates(for: source).first(where: isRegularFile) else {
        throw problem("parts of it should be in \(source), which is not there")
      }
      let object = Self.text(ofSource: i, creation)
      guard try HDF5File.open(found, displayName: source).exists(object) else {
        throw problem("parts of it should be in \(source), but \(object) is not there")
      }
    }
  }
}

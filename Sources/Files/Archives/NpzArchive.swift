import CZlib
import Glibc

/// The arrays of a NumPy archive (npz): a zip archive whose members are arrays in NumPy's format.
///
/// Stored arrays are read where they are; deflated ones are first unpacked to an unlinked temporary
/// file in `$TMPDIR`. Arrays of anything but numbers are passed over.
public struct NpzArchive {
  public let tensors: [PlainTensor]

  /// - Throws: `FileError`: `wrongData` for a damaged archive, an array in Fortran order or of
  ///   big-endian numbers, naming the array; `inputOutput` where there is no room for unpacking.
  public init(_ file: PlainFile) throws {
    let members = try ZipDirectory(file).members
    let arrays = members.filter { $0.name.hasSuffix(".npy") }
    guard !arrays.isEmpty else {
      let isTorch = members.contains { $0.name == "data.pkl" || $0.name.hasSuffix("/data.pkl") }
      throw file.problem(
        isTorch ? "a checkpoint of PyTorch, not arrays" : "a zip archive without NumPy arrays")
    }
    try Self.checkRoom(arrays.filter(\.isDeflated), file)
    var spool: TemporaryFile?
    var unpacked = 0
    var places: [(member: ZipDirectory.Member, isSpooled: Bool, address: Int)] = []
    for member in arrays {
      guard member.isDeflated else {
        places.append((member, false, member.address))
        continue
      }
      let target = try spool ?? TemporaryFile(in: TemporaryFile.defaultFolder, nameless: true)
      spool = target
      try Self.inflate(member, of: file, to: target.descriptor, at: unpacked)
      places.append((member, true, unpacked))
      // Numbers lie aligned after a head of a multiple of 64 bytes.
      unpacked += (member.size + 63) / 64 * 64
    }
    let spooled = try spool.map { try PlainFile(dup($0.descriptor), name: file.name) }
    tensors = try places.compactMap { member, isSpooled, address in
      let name = String(member.name.dropLast(4))
      let source = isSpooled ? spooled ?? file : file
      return try PlainTensor(npy: source, name: name, at: address, size: member.size)
    }
  }

  /// Deflate makes no more than so many bytes of one.
  private static let greatestRatio = 1032

  /// Refuses members that cannot be as large as they say, or are larger than there is room for.
  private static func checkRoom(_ members: [ZipDirectory.Member], _ file: PlainFile) throws {
    var total = 0
    for member in members {
      guard member.size / greatestRatio <= member.packedSize,
        let sum = Extents.sum([total, member.size])
      else { throw file.problem("the packed data are damaged", object: member.name) }
      total = sum
    }
    let folder = TemporaryFile.defaultFolder
    if let free = freeBytes(in: folder), total > free {
      throw FileError(
        .inputOutput, file: file.name,
        "unpacks to \(total) bytes, but \(folder) has room for \(free); set TMPDIR to another folder"
      )
    }
  }

  /// Unpacks a member, and checks its length and checksum.
  private static func inflate(
    _ member: ZipDirectory.Member, of file: PlainFile, to descriptor: Int32, at address: Int
  ) throws {
    let damaged = file.problem("the packed data are damaged", object: member.name)
    var stream = unsafe z_stream()
    guard
      unsafe inflateInit2_(
        &stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    else { throw FileError(.inputOutput, file: file.name, "out of memory") }
    defer { unsafe inflateEnd(&stream) }
    let length = 1 << 17
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * length, alignment: 64)
    defer { unsafe memory.deallocate() }
    let output = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[length...])
    var read = 0
    var written = 0
    var checksum: UInt = 0
    var state = Z_OK
    while state != Z_STREAM_END {
      let part = min(length, member.packedSize - read)
      if unsafe stream.avail_in == 0, part > 0 {
        let input = unsafe UnsafeMutableRawBufferPointer(rebasing: memory[..<part])
        try unsafe file.read(at: member.address + read, into: input, object: member.name)
        unsafe stream.next_in = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        unsafe stream.avail_in = UInt32(part)
        read += part
      }
      unsafe stream.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
      unsafe stream.avail_out = UInt32(length)
      state = unsafe CZlib.inflate(&stream, Z_NO_FLUSH)
      guard state == Z_OK || state == Z_STREAM_END || state == Z_BUF_ERROR else { throw damaged }
      let count = unsafe length - Int(stream.avail_out)
      let isStuck = unsafe count == 0 && stream.avail_in == 0 && read == member.packedSize
      guard written + count <= member.size, !isStuck || state == Z_STREAM_END else {
        throw damaged
      }
      let bytes = unsafe UnsafeRawBufferPointer(rebasing: output[..<count])
      checksum = unsafe crc32(
        checksum, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt32(count))
      try unsafe BlockingTransfer.write(
        bytes, to: descriptor, at: address + written,
        file: "temporary file in \(TemporaryFile.defaultFolder)")
      written += count
    }
    guard written == member.size, checksum == UInt(member.checksum) else { throw damaged }
  }
}

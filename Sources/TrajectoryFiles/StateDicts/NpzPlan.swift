import CZlib
import Files
import HDF5

/// The file of a NumPy archive: a zip archive whose members are arrays, not compressed.
///
/// Checksums are made when all numbers are known, by reading the file once.
func npzPlan(_ contents: StateDictContents, name: String) throws -> StateDictPlan {
  var members: [NpzMember] = []
  var places: [TensorPlace] = []
  var heads: [(bytes: [UInt8], address: Int)] = []
  var end = 0
  let tensors =
    contents.tensors.map { ($0.name, $0.shape, $0.type) }
    + contents.carried.map { ($0.name, $0.shape, $0.type) }
  for (tensor, shape, type) in tensors {
    guard let descriptor = type.descriptor else {
      throw FileError(
        .wrongData, file: name, object: tensor,
        "NumPy has no \(type.rawValue); "
          + (type.isOpaque ? "leave it out with --drop" : "give --dtype float32")
      )
    }
    let head = NpyHeader.bytes(descriptor: descriptor, shape: shape)
    let member = NpzMember(
      name: Array((tensor + ".npy").utf8), size: head.count + shape.reduce(type.size, *),
      address: end)
    guard member.name.count <= 0xffff else {
      throw FileError(.wrongData, file: name, "a tensor's name is too long for a zip archive")
    }
    heads.append((head, member.contents))
    places.append(TensorPlace(file: 0, address: member.contents + head.count, type: type))
    members.append(member)
    end = member.contents + member.size
  }
  let directorySize = members.reduce(0) { $0 + $1.entry(checksum: 0).count }
  let tail = NpzMember.end(count: members.count, size: directorySize, address: end)
  return StateDictPlan(
    files: [.init(path: nil, size: end + directorySize + tail.count, heads: heads)], places: places
  ) { files in
    var directory: [UInt8] = []
    for member in members {
      let checksum = try member.checksum(in: files[0])
      try files[0].write(member.localHeader(checksum: checksum), at: member.address)
      directory += member.entry(checksum: checksum)
    }
    try files[0].write(directory + tail, at: end)
    try files[0].commit()
  }
}

/// A member of the archive that is written.
private struct NpzMember {
  let name: [UInt8]
  /// Bytes of the array, its head included.
  let size: Int
  /// Where the local header begins.
  let address: Int

  private var isLong: Bool { size >= 0xffff_ffff }
  private var isFar: Bool { address >= 0xffff_ffff }

  /// Where the array begins.
  var contents: Int { address + 30 + name.count + (isLong ? 20 : 0) }

  func checksum(in file: PlainOutput) throws -> UInt32 {
    let length = 1 << 18
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: length, alignment: 64)
    defer { unsafe memory.deallocate() }
    var sum: UInt = 0
    for start in stride(from: 0, to: size, by: length) {
      let part = unsafe UnsafeMutableRawBufferPointer(
        rebasing: memory[..<min(length, size - start)])
      try unsafe file.read(at: contents + start, into: part)
      sum = unsafe crc32(
        sum, part.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt32(part.count))
    }
    return UInt32(truncatingIfNeeded: sum)
  }

  /// Fields that both headers share: flags (names are UTF-8), method, time, checksum and sizes.
  private func fields(checksum: UInt32) -> [UInt8] {
    let shown = isLong ? 0xffff_ffff : size
    // The first of January 1980, so that the same command writes the same bytes.
    return littleEndian(0x800, 2) + littleEndian(0, 2) + littleEndian(0, 2) + littleEndian(0x21, 2)
      + littleEndian(Int(checksum), 4) + littleEndian(shown, 4) + littleEndian(shown, 4)
      + littleEndian(name.count, 2)
  }

  func localHeader(checksum: UInt32) -> [UInt8] {
    let extra =
      isLong
      ? littleEndian(1, 2) + littleEndian(16, 2) + littleEndian(size, 8) + littleEndian(size, 8)
      : []
    return littleEndian(0x0403_4b50, 4) + littleEndian(isLong ? 45 : 20, 2)
      + fields(checksum: checksum) + littleEndian(extra.count, 2) + name + extra
  }

  /// The member's entry in the central directory.
  func entry(checksum: UInt32) -> [UInt8] {
    var extra: [UInt8] = []
    if isLong { extra += littleEndian(size, 8) + littleEndian(size, 8) }
    if isFar { extra += littleEndian(address, 8) }
    if !extra.isEmpty { extra = littleEndian(1, 2) + littleEndian(extra.count, 2) + extra }
    let version = littleEndian(isLong || isFar ? 45 : 20, 2)
    return littleEndian(0x0201_4b50, 4) + version + version + fields(checksum: checksum)
      + littleEndian(extra.count, 2) + [UInt8](repeating: 0, count: 10)
      + littleEndian(isFar ? 0xffff_ffff : address, 4) + name + extra
  }

  /// What ends the archive, after a directory of `count` entries in `size` bytes at `address`.
  static func end(count: Int, size: Int, address: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    let isLarge = count >= 0xffff || size >= 0xffff_ffff || address >= 0xffff_ffff
    if isLarge {
      bytes += littleEndian(0x0606_4b50, 4) + littleEndian(44, 8) + littleEndian(45, 2)
      bytes += littleEndian(45, 2) + littleEndian(0, 8) + littleEndian(count, 8)
      bytes += littleEndian(count, 8) + littleEndian(size, 8) + littleEndian(address, 8)
      bytes += littleEndian(0x0706_4b50, 4) + littleEndian(0, 4)
      bytes += littleEndian(address + size, 8) + littleEndian(1, 4)
    }
    let shownCount = littleEndian(min(count, 0xffff), 2)
    bytes += littleEndian(0x0605_4b50, 4) + littleEndian(0, 4) + shownCount + shownCount
    bytes += littleEndian(min(size, 0xffff_ffff), 4) + littleEndian(min(address, 0xffff_ffff), 4)
    return bytes + littleEndian(0, 2)
  }
}

private func littleEndian(_ number: Int, _ size: Int) -> [UInt8] {
  (0..<size).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
}

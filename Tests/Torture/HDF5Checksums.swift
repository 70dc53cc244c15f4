import HDF5

/// The checksums of HDF5's superblock and object headers, so that a changed file is read further than
/// to its first checksum. (HDF5 file format specification, version 3: II.A, IV.A.1.b.)
enum HDF5Checksums {
  /// The first parts of the object headers, with their checksums.
  static func headers(in bytes: [UInt8]) -> [Range<Int>] {
    let signature = Array("OHDR".utf8)
    var found: [Range<Int>] = []
    var start = 0
    while let place = next(signature, in: bytes, from: start) {
      if let range = header(at: place, in: bytes) { found.append(range) }
      start = place + 4
    }
    return found
  }

  /// Makes the checksums fit the contents.
  static func mend(_ bytes: inout [UInt8]) {
    guard bytes.count > 48, bytes.starts(with: [0x89, 0x48, 0x44, 0x46]) else { return }
    write(lookup3(bytes[0..<44]), to: &bytes, at: 44)
    for range in headers(in: bytes) {
      let end = range.upperBound - 4
      write(lookup3(bytes[range.lowerBound..<end]), to: &bytes, at: end)
    }
  }

  private static func next(_ signature: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
    var place = start
    while place + 4 <= bytes.count {
      if bytes[place] == signature[0], bytes[place..<(place + 4)].elementsEqual(signature) {
        return place
      }
      place += 1
    }
    return nil
  }

  private static func header(at place: Int, in bytes: [UInt8]) -> Range<Int>? {
    guard place + 8 < bytes.count, bytes[place + 4] == 2 else { return nil }
    let flags = bytes[place + 5]
    var position = place + 6
    if flags & 0x20 != 0 { position += 16 }
    if flags & 0x10 != 0 { position += 4 }
    let width = 1 << Int(flags & 3)
    guard position + width <= bytes.count else { return nil }
    var size = 0
    for k in 0..<min(width, 4) { size |= Int(bytes[position + k]) << (8 * k) }
    let end = position + width + size + 4
    return end <= bytes.count ? place..<end : nil
  }

  private static func write(_ value: UInt32, to bytes: inout [UInt8], at place: Int) {
    for k in 0..<4 { bytes[place + k] = UInt8(truncatingIfNeeded: value >> UInt32(8 * k)) }
  }
}

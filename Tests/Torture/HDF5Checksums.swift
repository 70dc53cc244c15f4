/// The checksums of HDF5's superblock and object headers, so that a changed file is read further than
/// to its first checksum. (HDF5 file format specification, version 3: II.A, IV.A.1.b; the checksum is
/// Jenkins's lookup3.)
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
    write(checksum(bytes[0..<44]), to: &bytes, at: 44)
    for range in headers(in: bytes) {
      let end = range.upperBound - 4
      write(checksum(bytes[range.lowerBound..<end]), to: &bytes, at: end)
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

  /// Jenkins's lookup3 (hashlittle) with an initial value of 0.
  static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    let bytes = Array(bytes)
    func rotated(_ x: UInt32, _ k: UInt32) -> UInt32 { x << k | x >> (32 - k) }
    var (a, b, c) = (UInt32(0), UInt32(0), UInt32(0))
    a = 0xdead_beef &+ UInt32(bytes.count)
    (b, c) = (a, a)
    func word(_ start: Int, _ end: Int) -> UInt32 {
      (start..<min(end, start + 4)).reduce(0) { $0 | UInt32(bytes[$1]) << UInt32(8 * ($1 - start)) }
    }
    var place = 0
    while bytes.count - place > 12 {
      a &+= word(place, bytes.count)
      b &+= word(place + 4, bytes.count)
      c &+= word(place + 8, bytes.count)
      a = (a &- c) ^ rotated(c, 4)
      c &+= b
      b = (b &- a) ^ rotated(a, 6)
      a &+= c
      c = (c &- b) ^ rotated(b, 8)
      b &+= a
      a = (a &- c) ^ rotated(c, 16)
      c &+= b
      b = (b &- a) ^ rotated(a, 19)
      a &+= c
      c = (c &- b) ^ rotated(b, 4)
      b &+= a
      place += 12
    }
    let rest = bytes.count - place
    guard rest > 0 else { return c }
    a &+= word(place, bytes.count)
    if rest > 4 { b &+= word(place + 4, bytes.count) }
    if rest > 8 { c &+= word(place + 8, bytes.count) }
    c = (c ^ b) &- rotated(b, 14)
    a = (a ^ c) &- rotated(c, 11)
    b = (b ^ a) &- rotated(a, 25)
    c = (c ^ b) &- rotated(b, 16)
    a = (a ^ c) &- rotated(c, 4)
    b = (b ^ a) &- rotated(a, 14)
    c = (c ^ b) &- rotated(b, 24)
    return c
  }
}

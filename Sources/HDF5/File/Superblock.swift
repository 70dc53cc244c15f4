import Files
import Glibc

/// The first bytes of a file, which say where it ends.
///
/// The library writes them last when it flushes. Until then the index of a data set may lead to where
/// readers, who believe these bytes, see no file any more. So that a process can be killed at any
/// moment, the end is moved here before the flush.
enum Superblock {
  private static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]

  /// Says that the file, which is as long as that already, ends there, where it says an end before
  /// that. One that is not understood is left to the library.
  ///
  /// - Parameter file: the name for messages.
  static func claim(end: Int, of descriptor: Int32, file: String) throws {
    var bytes = [UInt8](repeating: 0, count: 48)
    try unsafe bytes.withUnsafeMutableBytes {
      try unsafe BlockingTransfer.read(descriptor, at: 0, into: $0, file: file)
    }
    guard bytes.starts(with: signature), let place = placeOfEnd(bytes), number(bytes, place) < end
    else { return }
    for i in 0..<8 { bytes[place + i] = UInt8(truncatingIfNeeded: end >> (8 * i)) }
    if isChecked(bytes) {
      let sum = lookup3(bytes[..<44])
      for i in 0..<4 { bytes[44 + i] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(i))) }
    }
    try unsafe bytes.withUnsafeBytes {
      try unsafe BlockingTransfer.write($0, to: descriptor, at: 0, file: file)
    }
  }

  /// Whether a checksum of the bytes before it is at the end.
  private static func isChecked(_ bytes: [UInt8]) -> Bool { bytes[8] >= 2 }

  /// Where the eight bytes of the end's address are; nil in files of other versions, and where addresses
  /// have another size.
  private static func placeOfEnd(_ bytes: [UInt8]) -> Int? {
    switch bytes[8] {
    case 0: return bytes[13] == 8 ? 40 : nil
    case 2, 3:
      let sum = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[44 + $1]) << (8 * UInt32($1)) }
      return bytes[9] == 8 && lookup3(bytes[..<44]) == sum ? 28 : nil
    default: return nil
    }
  }

  private static func number(_ bytes: [UInt8], _ place: Int) -> UInt64 {
    (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[place + $1]) << (8 * UInt64($1)) }
  }
}

/// The checksum of HDF5's structures: Jenkins' lookup3, as in http://burtleburtle.net/bob/c/lookup3.c
/// (public domain).
public func lookup3(_ bytes: ArraySlice<UInt8>) -> UInt32 {
  let start = 0xdead_beef &+ UInt32(truncatingIfNeeded: bytes.count)
  var (a, b, c) = (start, start, start)
  var rest = bytes
  func word(_ index: Int) -> UInt32 {
    rest.dropFirst(4 * index).prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }
  func turned(_ x: UInt32, _ k: UInt32) -> UInt32 { x << k | x >> (32 - k) }
  while !rest.isEmpty {
    a &+= word(0)
    b &+= word(1)
    c &+= word(2)
    if rest.count <= 12 { break }
    for k: (UInt32, UInt32, UInt32) in [(4, 6, 8), (16, 19, 4)] {
      a = (a &- c) ^ turned(c, k.0)
      c &+= b
      b = (b &- a) ^ turned(a, k.1)
      a &+= c
      c = (c &- b) ^ turned(b, k.2)
      b &+= a
    }
    rest = rest.dropFirst(12)
  }
  if bytes.isEmpty { return c }
  c = (c ^ b) &- turned(b, 14)
  a = (a ^ c) &- turned(c, 11)
  b = (b ^ a) &- turned(a, 25)
  c = (c ^ b) &- turned(b, 16)
  a = (a ^ c) &- turned(c, 4)
  b = (b ^ a) &- turned(a, 14)
  return (c ^ b) &- turned(b, 24)
}

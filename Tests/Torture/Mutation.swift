/// A file with something wrong in it: bytes flipped, set, removed, repeated or moved.
struct Mutation {
  /// A few changes of a file's bytes, most of them small; in HDF5 files some are put behind right
  /// checksums, so that they are read.
  static func mutant(of bytes: [UInt8], _ chance: inout Chance) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<(1 + chance.below(3)) where !bytes.isEmpty { change(&bytes, &chance) }
    if chance.below(5) < 3 { HDF5Checksums.mend(&bytes) }
    return bytes
  }

  /// Numbers that limits are made of.
  private static let extremes: [UInt64] = [
    0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 1 << 40,
    0x7fff_ffff_ffff_ffff, 0x8000_0000_0000_0000, 0xffff_ffff_ffff_ffff,
  ]

  private static func change(_ bytes: inout [UInt8], _ chance: inout Chance) {
    let place = place(in: bytes, &chance)
    switch chance.below(8) {
    case 0, 1, 2: bytes[place] ^= 1 << UInt8(chance.below(8))
    case 3: bytes[place] = UInt8(chance.below(256))
    case 4:
      let value = chance.pick(extremes)
      for k in 0..<chance.pick([1, 2, 4, 8]) where place + k < bytes.count {
        bytes[place + k] = UInt8(truncatingIfNeeded: value >> UInt64(8 * k))
      }
    case 5: bytes.removeSubrange(place..<min(bytes.count, place + 1 + chance.below(64)))
    case 6:
      let part = Array(bytes[place..<min(bytes.count, place + 1 + chance.below(64))])
      bytes.insert(contentsOf: part, at: chance.below(bytes.count))
    default:
      if chance.below(4) == 0 {
        bytes.removeLast(bytes.count - place)
      } else {
        bytes.swapAt(place, chance.below(bytes.count))
      }
    }
  }

  /// A place in the file, more often where heads lie than among numbers.
  private static func place(in bytes: [UInt8], _ chance: inout Chance) -> Int {
    if chance.below(3) == 0 { return chance.below(bytes.count) }
    if chance.below(2) == 0 { return chance.below(min(bytes.count, 2048)) }
    let heads = HDF5Checksums.headers(in: bytes)
    guard !heads.isEmpty else { return chance.below(min(bytes.count, 2048)) }
    let head = chance.pick(heads)
    return head.lowerBound + chance.below(head.count)
  }
}

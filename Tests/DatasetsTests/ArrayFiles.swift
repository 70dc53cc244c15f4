/// Arrays and archives as NumPy writes them, put together by hand.
enum ArrayFiles {
  /// An array of `numpy.save`.
  static func npy(_ descriptor: String, _ shape: [Int], _ data: [UInt8]) -> [UInt8] {
    let extents = shape.map { "\($0), " }.joined()
    var text = "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': (\(extents)), }"
      .replacing(", )", with: shape.count == 1 ? ",)" : ")")
    while (11 + text.utf8.count) % 64 != 0 { text += " " }
    text += "\n"
    return [0x93] + Array("NUMPY".utf8) + [1, 0] + little(text.utf8.count, 2) + Array(text.utf8)
      + data
  }

  static func npy(_ shape: [Int], _ values: [Float]) -> [UInt8] {
    npy("<f4", shape, values.flatMap { little(Int($0.bitPattern), 4) })
  }

  static func npy(_ shape: [Int], _ values: [Int]) -> [UInt8] {
    npy("<i8", shape, values.flatMap { little($0, 8) })
  }

  /// An archive of `numpy.savez`, whose members are stored.
  static func npz(_ arrays: [(name: String, bytes: [UInt8])]) -> [UInt8] {
    var (members, directory): ([UInt8], [UInt8]) = ([], [])
    for (key, bytes) in arrays {
      let name = Array("\(key).npy".utf8)
      let sizes = little(0, 4) + little(bytes.count, 4) + little(bytes.count, 4)
      let fields = little(0, 8) + sizes + little(name.count, 2) + little(0, 2)
      directory += little(0x0201_4b50, 4) + little(20, 2) + little(20, 2) + fields
      directory += little(0, 10) + little(members.count, 4) + name
      members += little(0x0403_4b50, 4) + little(20, 2) + fields + name + bytes
    }
    return members + directory + little(0x0605_4b50, 4) + little(0, 4) + little(arrays.count, 2)
      + little(arrays.count, 2) + little(directory.count, 4) + little(members.count, 4)
      + little(0, 2)
  }

  static func little(_ number: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { $0 < 8 ? UInt8(truncatingIfNeeded: number >> (8 * $0)) : 0 }
  }
}

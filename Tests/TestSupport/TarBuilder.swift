/// Tar archives put together by hand.
public enum TarBuilder {
  /// A ustar archive of regular files, with two blocks of zeros at its end.
  public static func archive(_ members: [(name: String, bytes: [UInt8])]) -> [UInt8] {
    members.flatMap { member(Array($0.name.utf8), $0.bytes) } + [UInt8](repeating: 0, count: 1024)
  }

  /// One member: its header and its bytes in whole blocks.
  public static func member(
    _ name: [UInt8], _ bytes: [UInt8], kind: Character = "0", prefix: String = "",
    size: [UInt8]? = nil, magic: String = "ustar\u{0}00"
  ) -> [UInt8] {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: [UInt8], _ place: Int) {
      for (i, byte) in text.enumerated() { header[place + i] = byte }
    }
    put(Array(name.prefix(100)), 0)
    put(Array("0000644".utf8), 100)
    put(size ?? octal(bytes.count, 11), 124)
    put(octal(0, 11), 136)
    header[156] = kind.asciiValue!
    put(Array(magic.utf8), 257)
    put(Array(prefix.utf8), 345)
    let sum = header.reduce(0) { $0 + Int($1) } + 8 * 0x20
    put(octal(sum, 6) + [0, 0x20], 148)
    return header + bytes + [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
  }

  private static func octal(_ number: Int, _ digits: Int) -> [UInt8] {
    let text = String(number, radix: 8)
    return Array((String(repeating: "0", count: digits - text.count) + text).utf8)
  }
}

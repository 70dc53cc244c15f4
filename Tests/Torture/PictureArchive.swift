/// A tar archive of a picture and its class, as WebDataset has them.
enum PictureArchive {
  static let bytes = member("0.png", picture) + member("0.cls", [0x31]) + zeros(1024)

  /// 4 × 3 grey pixels as PNG.
  private static let picture: [UInt8] = [
    137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0,
    0, 4, 0, 0, 0, 3, 8, 0, 0, 0, 0, 145, 159, 241, 26, 0, 0, 0,
    23, 73, 68, 65, 84, 120, 156, 99, 100, 16, 17, 17, 97, 12, 16, 17, 17, 97,
    9, 16, 17, 17, 1, 0, 9, 56, 1, 91, 105, 243, 137, 91, 0, 0, 0, 0,
    73, 69, 78, 68, 174, 66, 96, 130,
  ]

  private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

  /// A header of ustar, and the bytes in whole blocks.
  private static func member(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
    var header = zeros(512)
    func octal(_ number: Int, _ digits: Int) -> [UInt8] {
      let text = String(number, radix: 8)
      return Array((String(repeating: "0", count: digits - text.count) + text).utf8)
    }
    func put(_ text: [UInt8], _ place: Int) {
      for (i, byte) in text.enumerated() { header[place + i] = byte }
    }
    put(Array(name.utf8), 0)
    put(octal(bytes.count, 11), 124)
    put(Array("0".utf8), 156)
    put(Array("ustar".utf8), 257)
    put(Array("00".utf8), 263)
    let sum = header.reduce(8 * 0x20) { $0 + Int($1) }
    put(octal(sum, 6) + [0, 0x20], 148)
    return header + bytes + zeros((512 - bytes.count % 512) % 512)
  }
}

/// A pickle put together by hand, instruction by instruction, in protocol 2.
struct PickleBuilder {
  private(set) var bytes: [UInt8] = [0x80, 2]

  mutating func add(_ code: Character, _ rest: [UInt8] = []) {
    bytes += [code.asciiValue ?? 0] + rest
  }

  mutating func raw(_ bytes: [UInt8]) { self.bytes += bytes }

  mutating func global(_ module: String, _ name: String) {
    add("c", Array("\(module)\n\(name)\n".utf8))
  }

  mutating func text(_ text: String) {
    add("X", littleEndian([UInt32(text.utf8.count)]) + Array(text.utf8))
  }

  mutating func number(_ number: Int) {
    bytes += [0x8a, 8] + littleEndian([Int64(number)])
  }

  mutating func tuple(_ numbers: [Int]) {
    add("(")
    for value in numbers { number(value) }
    add("t")
  }

  /// A tensor of the storage "0".
  mutating func tensor(
    _ shape: [Int], strides: [Int], offset: Int = 0, count: Int, type: String = "FloatStorage",
    view: [Int]? = nil, legacy: Bool = false
  ) {
    global("torch._utils", "_rebuild_tensor_v2")
    add("(")
    add("(")
    text("storage")
    global("torch", type)
    text("0")
    text("cpu")
    number(count)
    if legacy {
      if let view {
        add("(")
        text("1")
        for value in view { number(value) }
        add("t")
      } else {
        add("N")
      }
    }
    add("t")
    add("Q")
    number(offset)
    tuple(shape)
    tuple(strides)
    raw([0x89])
    global("collections", "OrderedDict")
    add(")")
    add("R")
    add("t")
    add("R")
  }

  /// A dictionary with one item whose value `value` makes.
  static func dictionary(_ value: (inout Self) -> Void) -> [UInt8] {
    var pickle = Self()
    pickle.add("}")
    pickle.text("w")
    value(&pickle)
    pickle.add("s")
    pickle.add(".")
    return pickle.bytes
  }

  /// An archive of PyTorch with that pickle and one storage.
  static func archive(_ pickle: [UInt8], storage: [UInt8], deflated: Bool = false) -> [UInt8] {
    var file = NpzBuilder()
    file.add("archive/data.pkl", pickle)
    file.add("archive/byteorder", Array("little".utf8))
    file.add("archive/data/0", storage, deflated: deflated)
    file.add("archive/version", Array("3\n".utf8))
    return file.bytes
  }

  /// A file of pickles one after the other, with one storage of `count` numbers behind them.
  static func legacy(_ pickle: [UInt8], count: Int, storage: [UInt8], key: String = "0") -> [UInt8]
  {
    var keys = Self()
    keys.add("]")
    keys.text(key)
    keys.add("a")
    keys.add(".")
    return [0x80, 2, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e]
      + [0x80, 2, 0x4d, 0xe9, 0x03, 0x2e] + [0x80, 2, 0x7d, 0x2e] + pickle + keys.bytes
      + littleEndian([Int64(count)]) + storage
  }
}

import Files

/// A file of `torch.save` before anything is taken from it: its pickle's values, and where the numbers
/// of each storage lie. Two forms: a zip archive (PyTorch 1.6 and later), and pickles one after the
/// other with the storages behind them.
struct TorchArchive {
  let file: PlainFile
  let heap: PickleHeap
  let root: PickleValue
  /// The bytes of each storage by its key.
  private let places: [String: Range<Int>]

  /// Whether a file that begins so is one of pickles one after the other.
  static func isLegacy(_ head: [UInt8]) -> Bool {
    guard head.count >= 15, head[0] == 0x80 else { return false }
    // Protocols 4 and later put the length of what follows before it.
    let rest = head[2] == 0x95 ? head.dropFirst(11) : head.dropFirst(2)
    return rest.starts(with: magic.prefix(min(rest.count, magic.count)))
  }

  /// How many bytes `isLegacy` wants.
  static let headLength = 24

  /// The number 0x1950a86a20f9469cfc6c as a pickle holds it.
  private static let magic: [UInt8] = [
    0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19,
  ]

  /// A zip archive's; nil where it has no pickle of PyTorch.
  ///
  /// - Throws: `FileError` of kind `wrongData`.
  init?(_ members: [ZipDirectory.Member], of file: PlainFile) throws {
    let pickles = members.filter { $0.name == "data.pkl" || $0.name.hasSuffix("/data.pkl") }
    guard let pickle = pickles.first else { return nil }
    let prefix = pickle.name.dropLast("data.pkl".count)
    guard pickles.count == 1 else {
      throw file.problem("holds several pickles", object: pickles[1].name)
    }
    guard !members.contains(where: { $0.name == prefix + "constants.pkl" }) else {
      throw file.problem(
        "is a TorchScript program; save the state dict of what torch.jit.load makes of it")
    }
    guard !pickle.isDeflated else {
      throw file.problem("is compressed, which torch.save never does", object: pickle.name)
    }
    if let order = members.first(where: { $0.name == prefix + "byteorder" }), order.size < 64 {
      let word = try file.bytes(order.address..<(order.address + order.packedSize))
      guard word == Array("little".utf8) else {
        throw file.problem("numbers are big-endian; save it on a little-endian machine")
      }
    }
    var places: [String: Range<Int>] = [:]
    let folder = prefix + "data/"
    for member in members where member.name.hasPrefix(folder) && !member.isDeflated {
      places[String(member.name.dropFirst(folder.count))] =
        member.address..<(member.address + member.size)
    }
    var unpickler = Unpickler(
      PickleBytes(file, in: pickle.address..<(pickle.address + pickle.size)))
    root = try unpickler.run()
    heap = unpickler.heap
    self.file = file
    self.places = places
  }

  /// That of a file whose head is that of pickles one after the other.
  ///
  /// - Throws: `FileError` of kind `wrongData`.
  init(legacy file: PlainFile) throws {
    var unpickler = Unpickler(PickleBytes(file, in: 0..<file.size))
    _ = try unpickler.run()
    guard case .integer(1001) = try unpickler.run() else {
      throw file.problem("a protocol of torch.save that is not known here")
    }
    let system = try unpickler.run()
    for (name, value) in unpickler.heap.children(of: system) where name == "little_endian" {
      guard case .truth(true) = value else {
        throw file.problem("numbers are big-endian; save it on a little-endian machine")
      }
    }
    root = try unpickler.run()
    let list = try unpickler.run()
    let keys = unpickler.heap.children(of: list)
    heap = unpickler.heap
    self.file = file
    var sizes: [String: Int] = [:]
    for storage in heap.storages where sizes[storage.key] == nil {
      sizes[storage.key] = storage.type.size
    }
    var places: [String: Range<Int>] = [:]
    var bytes = unpickler.bytes
    for (_, key) in keys {
      guard case .text(let key) = key, let size = sizes[key] else {
        throw bytes.problem("a storage that no tensor has")
      }
      let count = try bytes.number(8)
      guard let length = Extents.product([count], times: size), length <= bytes.left else {
        throw file.problem(
          "storage \(key) claims \(count) numbers, but the file ends before; cut off?")
      }
      places[key] = bytes.position..<(bytes.position + length)
      try bytes.skip(length)
    }
    self.places = places
  }

  /// A tensor's numbers in the file.
  ///
  /// - Throws: `FileError` of kind `wrongData` where the storage is missing, compressed or too short, or
  ///   where the tensor reaches beyond it or claims more elements than it has.
  func tensor(_ reference: TensorReference, named name: String) throws -> PlainTensor? {
    func problem(_ words: String) -> FileError { file.problem(words, object: name) }
    guard let type = reference.type.type else { return nil }
    let (shape, strides, storage) = (reference.shape, reference.strides, reference.storage)
    guard let place = places[storage.key] else {
      throw problem("storage \(shown(storage.key)) is missing, or compressed")
    }
    let unit = storage.type.size
    guard let claimed = Extents.product([storage.count], times: unit), claimed <= place.count else {
      throw problem(
        "storage \(shown(storage.key)) should have \(storage.count) numbers, but the file has only"
          + " \(place.count / unit); cut off?")
    }
    guard shape.count == strides.count, shape.count <= 64, reference.offset >= 0,
      strides.allSatisfy({ $0 >= 0 }), let bytes = type.byteCount(shape: shape)
    else { throw problem("shape \(shape) with strides \(strides) is none of a tensor") }
    let available = storage.part.count * unit / type.size
    // The last number that it reaches.
    let steps = zip(shape, strides).map { extent, stride in
      bytes == 0 ? 0 : Extents.product([extent - 1, stride])
    }
    let reach = Extents.sum(steps.map { $0 ?? .max } + [reference.offset])
    guard bytes == 0 || reach.map({ $0 < available }) == true else {
      throw problem("reaches beyond its storage of \(available) numbers")
    }
    guard bytes / type.size <= available else {
      throw problem(
        "repeats the numbers of a smaller storage; save it after .contiguous()")
    }
    let (offset, overflows) = reference.offset.multipliedReportingOverflow(by: type.size)
    let address = overflows || bytes == 0 ? 0 : offset
    return PlainTensor(
      name: name, shape: shape, type: type, file: file,
      address: place.lowerBound + storage.part.lowerBound * unit + address,
      strides: Self.isContiguous(shape, strides) ? nil : strides)
  }

  private static func isContiguous(_ shape: [Int], _ strides: [Int]) -> Bool {
    if shape.contains(0) { return true }
    var step = 1
    for (extent, stride) in zip(shape, strides).reversed() where extent > 1 {
      if stride != step { return false }
      step *= extent
    }
    return true
  }
}

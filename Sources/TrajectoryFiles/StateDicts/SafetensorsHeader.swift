import Files

/// What the head of a safetensors file says: 8 bytes for the length of a header, a header in JSON, and
/// the numbers of the tensors without a gap.
///
/// Everything in it is checked: that it is JSON of the right form without repeated names, that every
/// tensor has a known type and as many bytes as its shape asks for, and that the tensors fill the
/// rest of the file without overlap, hole or remainder.
struct SafetensorsHeader {
  /// In the order in which they lie in the file.
  let tensors: [PlainTensor]
  /// Texts by name.
  let metadata: [String: String]

  /// The longest header read, in bytes, as in the format's own library.
  static let greatestLength = 100_000_000

  /// Whether a file that begins so, or has that name, is a safetensors file, be it a damaged one.
  static func isLikely(_ head: [UInt8], name: String) -> Bool {
    if name.hasSuffix(".safetensors") { return true }
    guard head.count == 9 else { return false }
    let length = head[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    return head[8] == UInt8(ascii: "{") && length >= 2 && length <= UInt64(greatestLength)
  }

  /// - Throws: `FileError` of kind `wrongData` that names the tensor.
  init(_ file: PlainFile) throws {
    let length = try Self.length(file)
    var scanner = JSONScanner(try file.bytes(8..<(8 + length)))
    var metadata: [String: String]?
    var entries: [Entry] = []
    var names: Set<[UInt8]> = []
    do {
      try scanner.object { name, scanner in
        if name == "__metadata__" {
          guard metadata == nil else {
            throw file.problem("header: __metadata__ stands there twice")
          }
          metadata = try Self.texts(&scanner)
          return
        }
        guard isOneLine(name) else { throw file.problem("a name holds a control character") }
        guard names.insert(name.nameBytes).inserted else {
          throw file.problem("the name is used twice", object: name)
        }
        do {
          entries.append(try Entry(name, &scanner, file))
        } catch let failure as JSONScanner.Failure {
          throw file.problem("\(failure.problem), at byte \(8 + failure.position)", object: name)
        }
      }
      try scanner.end()
    } catch let failure as JSONScanner.Failure {
      throw file.problem("header: \(failure.problem), at byte \(8 + failure.position)")
    }
    guard metadata?["DCP_SHARDING_INFO"] == nil else {
      throw file.problem(
        "is one shard of a distributed checkpoint: it holds pieces of tensors; put the shards together"
          + " with torch.distributed.checkpoint's consolidate_safetensors_files")
    }
    self.metadata = metadata ?? [:]
    entries.sort {
      ($0.offsets.lowerBound, $0.offsets.upperBound) < (
        $1.offsets.lowerBound, $1.offsets.upperBound
      )
    }
    try Self.checkCover(entries, size: file.size - 8 - length, file)
    tensors = entries.map {
      PlainTensor(
        name: $0.name, shape: $0.shape, type: $0.type, file: file,
        address: 8 + length + $0.offsets.lowerBound)
    }
  }

  private static func length(_ file: PlainFile) throws -> Int {
    guard file.size >= 8 else { throw file.problem("too short for a safetensors file") }
    let length = try file.bytes(0..<8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(greatestLength) else {
      throw file.problem(
        "header: claims \(length) bytes, more than \(greatestLength); damaged, or no safetensors file"
          + file.kindOfContent)
    }
    guard Int(length) <= file.size - 8 else {
      throw file.problem(
        "header: claims \(length) bytes, but the file has only \(file.size); cut off?"
          + file.kindOfContent)
    }
    return Int(length)
  }

  private static func texts(_ scanner: inout JSONScanner) throws -> [String: String] {
    var texts: [String: String] = [:]
    if scanner.null() { return texts }
    try scanner.object { name, scanner in texts[name] = try scanner.string() }
    return texts
  }

  /// Checks that tensors sorted by their places fill `size` bytes.
  private static func checkCover(_ entries: [Entry], size: Int, _ file: PlainFile) throws {
    var end = 0
    var last = ""
    for entry in entries {
      let offsets = entry.offsets
      if offsets.upperBound > size {
        throw file.problem(
          "ends at byte \(offsets.upperBound) of the data, but there are only \(size); cut off?",
          object: entry.name)
      }
      if offsets.lowerBound < end {
        throw file.problem("overlaps \(last)", object: entry.name)
      }
      if offsets.lowerBound > end {
        throw file.problem(
          "begins at byte \(offsets.lowerBound) of the data, which leaves a hole from \(end) on",
          object: entry.name)
      }
      end = offsets.upperBound
      last = entry.name
    }
    if end < size {
      throw file.problem("\(size - end) bytes after the last tensor belong to none")
    }
  }

  /// What the header says of a tensor.
  private struct Entry {
    let name: String
    let type: NumberType
    let shape: [Int]
    /// Its bytes, counted from the end of the header.
    let offsets: Range<Int>

    init(_ name: String, _ scanner: inout JSONScanner, _ file: PlainFile) throws {
      var word: String?
      var shape: [Int]?
      var offsets: [Int]?
      try scanner.object { key, scanner in
        func once(_ isFirst: Bool) throws {
          if !isFirst { throw file.problem("\(key) stands there twice", object: name) }
        }
        switch key {
        case "dtype":
          try once(word == nil)
          word = try scanner.string()
        case "shape":
          try once(shape == nil)
          shape = try Self.numbers(&scanner)
        case "data_offsets":
          try once(offsets == nil)
          offsets = try Self.numbers(&scanner)
        default: try scanner.skipValue()
        }
      }
      guard let word, let shape, let offsets else {
        let missing = word == nil ? "dtype" : shape == nil ? "shape" : "data_offsets"
        throw file.problem("has no \(missing)", object: name)
      }
      guard let type = NumberType(rawValue: word) else {
        throw file.problem("dtype \(jsonString(word)) is not read here", object: name)
      }
      guard offsets.count == 2, offsets[0] <= offsets[1] else {
        throw file.problem("data_offsets \(offsets) are not [begin, end]", object: name)
      }
      guard let bytes = type.byteCount(shape: shape) else {
        throw file.problem("shape \(shape) is too large", object: name)
      }
      guard bytes == offsets[1] - offsets[0] else {
        throw file.problem(
          "shape \(shape) of \(word) takes \(bytes) bytes, but data_offsets \(offsets) are"
            + " \(offsets[1] - offsets[0])", object: name)
      }
      self.name = name
      self.type = type
      self.shape = shape
      self.offsets = offsets[0]..<offsets[1]
    }

    private static func numbers(_ scanner: inout JSONScanner) throws -> [Int] {
      var numbers: [Int] = []
      try scanner.array { numbers.append(try $0.wholeNumber()) }
      return numbers
    }
  }
}

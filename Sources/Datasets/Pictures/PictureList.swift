import Files

/// Pictures in files or archives, and what they show: known by name, not yet read.
public struct PictureList: Sendable {
  /// One picture.
  struct Entry: Sendable {
    /// What it is called among the others.
    let name: String
    let place: Place
    var label: Int32
  }

  enum Place: Sendable {
    case file(String)
    case member(archive: Int, address: Int, size: Int)
  }

  /// The name for messages: the folder, the list or the first archive.
  let name: String
  var entries: [Entry]
  let archives: [PlainFile]
  let classNames: [String]
  let isLabelled: Bool

  public var count: Int { entries.count }

  /// What torchvision's ImageFolder takes for pictures. Only some can be read here; the others are an
  /// error and not passed over.
  static func isPicture(_ name: String) -> Bool {
    let name = name.lowercased()
    return [".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp"]
      .contains(where: name.hasSuffix)
  }

  /// The bytes of a picture's file.
  func bytes(of entry: Entry) throws -> [UInt8] {
    switch entry.place {
    case .file(let path):
      let file = try PlainFile(path)
      return try file.bytes(0..<file.size)
    case .member(let archive, let address, let size):
      return try archives[archive].bytes(address..<(address + size), object: entry.name)
    }
  }

  /// The size of a picture's file; 0 for one that cannot be opened.
  func size(of entry: Entry) throws -> Int {
    switch entry.place {
    case .file(let path): (try? PlainFile(path))?.size ?? 0
    case .member(_, _, let size): size
    }
  }

  /// The error for something wrong with a picture.
  func problem(_ words: String, with entry: Entry) -> FileError {
    switch entry.place {
    case .file(let path): FileError(.wrongData, file: path, words)
    case .member(let archive, _, _): archives[archive].problem(words, object: entry.name)
    }
  }

  /// Class numbers of labels: whole numbers are what they say; words are numbered as `known` lists
  /// them, or in the byte order of all that there are.
  ///
  /// - Throws: `FileError` for a label that is not among those known, and for numbers too large.
  static func numbers(
    of labels: [String], known: [String]?, name: String
  ) throws -> (labels: [Int32], classNames: [String]) {
    if labels.isEmpty { return ([], []) }
    if let known, !known.isEmpty {
      let places = Dictionary(zip(known, known.indices)) { first, _ in first }
      let found = try labels.map { label -> Int32 in
        guard let place = places[label] else {
          throw FileError(
            .wrongData, file: name, "'\(label)' is not one of the \(known.count) classes")
        }
        return Int32(place)
      }
      return (found, known)
    }
    let numbers = labels.map { Int($0) }
    if numbers.allSatisfy({ $0 != nil }) {
      let bound = Dataset.maximumClassCount
      if let wrong = numbers.first(where: { $0! < 0 || $0! >= bound }) {
        throw FileError(.wrongData, file: name, "label \(wrong!) is not one of 0…\(bound - 1)")
      }
      let most = numbers.reduce(0) { max($0, $1!) }
      return (numbers.map { Int32($0!) }, (0...most).map { String($0) })
    }
    let names = Set(labels).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    guard names.count <= Dataset.maximumClassCount else {
      throw FileError(.wrongData, file: name, "\(names.count) different labels")
    }
    return try Self.numbers(of: labels, known: names, name: name)
  }
}

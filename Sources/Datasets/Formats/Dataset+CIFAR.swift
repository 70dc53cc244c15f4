import Files

/// The two binary versions of CIFAR (Krizhevsky 2009): records of one or two label bytes and
/// 3 × 32 × 32 pixel bytes, channels one after the other.
public enum CIFARVersion: Sendable {
  case cifar10
  /// Two labels: one of 20 superclasses, then one of 100 classes.
  case cifar100(superclasses: Bool)

  var labelBytes: Int { if case .cifar10 = self { 1 } else { 2 } }

  /// Which of the label bytes is the target.
  var labelIndex: Int { if case .cifar100(superclasses: false) = self { 1 } else { 0 } }

  var classCount: Int {
    switch self {
    case .cifar10: 10
    case .cifar100(let superclasses): superclasses ? 20 : 100
    }
  }

  /// The files in which the publishers name the classes, one a line.
  var nameFiles: [String] {
    switch self {
    case .cifar10: ["batches.meta.txt"]
    case .cifar100(let superclasses):
      [superclasses ? "coarse_label_names.txt" : "fine_label_names.txt"]
    }
  }
}

extension Dataset {
  static let cifarPixels = 3 * 32 * 32

  /// Reads binary CIFAR files, each gzipped or not, one after the other.
  ///
  /// Classes are named by `batches.meta.txt` (CIFAR-100: `fine_label_names.txt` or
  /// `coarse_label_names.txt`) beside the first file, else by their numbers.
  ///
  /// - Throws: `FileError` where a file is not whole records, or a label is out of range.
  public static func cifar(_ version: CIFARVersion, files: [String]) throws -> Dataset {
    precondition(!files.isEmpty, "no files")
    let record = version.labelBytes + cifarPixels
    var pixels: [UInt8] = []
    var classes: [Int32] = []
    for file in files {
      // Pixels of images hardly pack to half.
      let source = try SourceFile(file, .atMost(ratio: 100))
      guard source.bytes.count % record == 0 else {
        throw source.problem(
          "\(source.bytes.count) bytes are not whole records of \(record): cut off, or not the "
            + "binary version of CIFAR-\(version.classCount == 10 ? 10 : 100)"
            + source.kindOfContent)
      }
      let count = source.bytes.count / record
      pixels.reserveCapacity(pixels.count + count * cifarPixels)
      for i in 0..<count {
        let label = source.bytes[i * record + version.labelIndex]
        guard label < version.classCount else {
          throw source.problem(
            "record \(i): label \(label) is not one of 0…\(version.classCount - 1)")
        }
        classes.append(Int32(label))
        pixels += source.bytes[i * record + version.labelBytes..<(i + 1) * record]
      }
    }
    return Dataset(
      name: files[0], inputShape: [3, 32, 32], inputs: .bytes(pixels),
      targets: .classes(classes), classNames: try cifarNames(version, beside: files[0]))
  }

  private static func cifarNames(_ version: CIFARVersion, beside file: String) throws -> [String] {
    let folder = file.lastIndex(of: "/").map { String(file[...$0]) } ?? ""
    for nameFile in version.nameFiles {
      // Whatever else has that name is not for us.
      guard let found = try? PlainFile(folder + nameFile), found.size <= 1 << 16 else { continue }
      let text = try found.bytes(0..<found.size)
      let names = text.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
        .map { String(decoding: $0, as: UTF8.self) }
      if names.count == version.classCount { return names }
    }
    return (0..<version.classCount).map { String($0) }
  }
}
